package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code that turns on the supervisor beside it, forges its words, or looks for a way out. */
class HostileSupervisorIT {
  @RegisterExtension
  @Order(1)
  static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  @RegisterExtension
  @Order(2)
  static final Neighbourhood AROUND = new Neighbourhood(SERVER);

  /** Writes frames to the descriptor that the supervisor speaks on. */
  static final String FORGER =
      """
      import json, struct, time
      wire = open('/proc/1/fd/1', 'wb', 0)
      def say(data):
          while data:
              data = data[wire.write(data):]
      def frame(kind, number, payload):
          say(struct.pack('>IBI', 5 + len(payload), kind, number) + payload)
      """;

  @ParameterizedTest
  @ValueSource(strings = {"kill -9 1", "kill -TERM 1", "kill -STOP 1", "kill -SEGV 1"})
  void aSignalToTheFirstProcessEndsTheExecutionByNameWithinItsLimit(String signal) {
    // Given
    HeldSandbox sandbox = AROUND.hold("killer");

    // When
    JsonObject reply = sandbox.run("bash", signal + "; sleep 1000", 3000);

    // Then
    assertTrue(
        Set.of("sandbox-died", "timed-out").contains(reply.getString("status")), reply.encode());
    assertNull(reply.getInteger("exitCode"), "nobody saw the code's own end");
    assertTrue(reply.getBoolean("stateLost"));
    assertEquals(410, sandbox.find().status());
  }

  @Test
  void aSandboxThatDiesAfterItsOutputWasCutSaysThatItWasCut() {
    // When
    JsonObject reply =
        AROUND.hold("talker").run("bash", "yes | head -c 3000000; echo end >&2; kill -9 1");

    // Then
    assertEquals("sandbox-died", reply.getString("status"), reply.getString("stderr"));
    assertEquals(1 << 20, reply.getString("stdout").length());
    assertTrue(reply.getBoolean("stdoutTruncated"));
    assertFalse(reply.getBoolean("stderrTruncated"));
  }

  static List<Arguments> forgeries() {
    return List.of(
        Arguments.of("frames of 4 GiB", "say(b'\\xff' * 1000)"),
        Arguments.of("no frames at all", "say(b'HTTP/1.1 200 OK' * 10000)"),
        Arguments.of("frames too short", "say(bytes(1000))"),
        Arguments.of("the end of another execution", "frame(4, 77, b'{\"status\":\"exited\"}')"),
        Arguments.of("the output of another execution", "frame(2, 77, b'stolen')"),
        Arguments.of("an end of a wrong type", "frame(4, 1, b'{\"status\":7}')"),
        Arguments.of("an unknown end", "frame(4, 1, b'{\"status\":\"promoted\"}')"),
        Arguments.of("an end that is no JSON", "frame(4, 1, b'[' * 100000)"),
        Arguments.of("an end of many sizes", "frame(4, 1, b'{\"exitCode\":' + b'9' * 5000 + b'}')"),
        Arguments.of("output without end", "while True: frame(3, 1, b'x' * 60000)"),
        Arguments.of("empty output without end", "while True: frame(2, 1, b'')"),
        Arguments.of("a second beginning", "frame(1, 0, b'{}')"),
        Arguments.of("a sign of life that nobody asked for", "frame(64, 0, b'')"),
        Arguments.of("an unknown type", "while True: frame(5, 1, b'')"),
        Arguments.of("input taken that was not given", "frame(6, 1, struct.pack('>I', 1))"),
        Arguments.of("a count that is none", "frame(6, 1, b'1')"),
        Arguments.of("the end of an input that there is not", "frame(7, 1, b'')"),
        Arguments.of("input taken by another execution", "frame(6, 77, struct.pack('>I', 1))"),
        Arguments.of(
            "complaints without end",
            "wire = open('/proc/1/fd/2', 'wb', 0)\nwhile True: say(b'woe ' * 10000)"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void whatTheSupervisorWouldNotSayEndsTheSandbox(String what, String code) {
    // Given
    HeldSandbox sandbox = AROUND.hold("forger");

    // When
    JsonObject reply = sandbox.run("python", FORGER + code + "\ntime.sleep(60)");

    // Then
    assertEquals("sandbox-died", reply.getString("status"), what + reply.encode());
    assertNull(reply.getInteger("exitCode"));
    Answer gone = sandbox.find();
    assertEquals(410, gone.status());
    assertTrue(gone.body().getString("detail").contains("broke the protocol"), gone.body() + "");
  }

  static List<Arguments> descriptorTricks() {
    return List.of(
        Arguments.of("python", "import os\nos.close(3)"),
        Arguments.of("python", "import os\nos.close(4)\ntime = __import__('time').sleep(0.1)"),
        Arguments.of("python", "import os\nos.closerange(0, 200)"),
        Arguments.of("python", "import os\nos.write(4, b'garbage\\n\\xff\\0\\t\\t\\n' * 1000)"),
        Arguments.of(
            "python",
            "import os\nos.write(4, b'99\\t7\\t7\\n0\\t7\\t7\\n-1\\t7\\t7\\nwire\\t99999999999\\n')"),
        Arguments.of(
            "python",
            """
            import os, threading
            def flood():
                while True: os.write(4, b'99\\t1\\n' * 1000)
            threading.Thread(target=flood, daemon=True).start()
            """),
        Arguments.of("bash", "exec 3<&- 4>&-"),
        Arguments.of("bash", "kill -9 $$"),
        Arguments.of("javascript", "require('fs').closeSync(4)"),
        Arguments.of(
            "bash", "for i in $(seq 30); do mkfifo /run/gatehouse/$i.{sh,py,in,env}; done"));
  }

  @ParameterizedTest
  @MethodSource("descriptorTricks")
  void anInterpreterThatLosesItsDescriptorsHurtsNobodyButItself(String language, String code) {
    // Given
    HeldSandbox sandbox = AROUND.hold("closer");

    // When
    sandbox.run(language, code, 5000);
    JsonObject next = sandbox.run("bash", "echo on");

    // Then
    assertEquals("on\n", next.getString("stdout"), next.encode());
    assertEquals(0, next.getInteger("exitCode"));
  }

  @Test
  void aForgedAnswerEndsNoExecutionButItsOwn() {
    // Given
    HeldSandbox sandbox = AROUND.hold("forger");
    String forged =
        "import os, time\nos.write(4, b'1\\t9\\t1\\n2\\t9\\t1\\n3\\t9\\t1\\n')\ntime.sleep(0.5)";

    // When
    JsonObject own = sandbox.run("python", forged);
    JsonObject next = sandbox.run("bash", "sleep 0.2; echo whole; exit 4");

    // Then
    assertEquals(9, own.getInteger("exitCode"));
    assertEquals("whole\n", next.getString("stdout"), next.encode());
    assertEquals(4, next.getInteger("exitCode"));
  }

  @Test
  void thereIsNoWayOutToSee() {
    // When
    JsonObject reply =
        AROUND
            .hold("scout")
            .run(
                "bash",
                """
                echo "interfaces $(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' \\n')"
                echo "user $(id -u):$(id -g)"
                grep -E '^(CapEff|CapPrm|CapInh)' /proc/self/status | tr -d '\\t'
                # gVisor's /proc does not tell it.
                python3 -c 'import ctypes; print("NoNewPrivs", ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))'
                ls /var/run/docker.sock /run/docker.sock /run/containerd 2>/dev/null
                for place in / /etc /usr /var /proc/sys /sys; do
                  touch "$place/x" 2>/dev/null && echo "wrote $place"
                done
                timeout 2 bash -c 'echo > /dev/tcp/1.1.1.1/53' 2>/dev/null && echo "reached the net"
                ls /dev | grep -E '^(sd|vd|nvme|kvm|mem|kmsg)'
                echo "processes $(ls /proc | grep -c '^[0-9]')"
                echo "gVisor $(dmesg | grep -c 'Starting gVisor')"
                """);

    // Then
    List<String> lines = reply.getString("stdout").lines().toList();
    assertTrue(lines.contains("interfaces lo"), reply.encode());
    assertTrue(lines.contains("user 1000:1000"), reply.encode());
    assertTrue(lines.contains("CapEff:0000000000000000"), reply.encode());
    assertTrue(lines.contains("CapPrm:0000000000000000"), reply.encode());
    assertTrue(lines.contains("NoNewPrivs 1"), reply.encode());
    assertTrue(lines.contains("gVisor 1"), reply.encode());
    assertFalse(
        lines.stream()
            .anyMatch(line ->
                line.startsWith("wrote")
                    || line.startsWith("reached")
                    || line.startsWith("/run")
                    || line.startsWith("/var")),
        reply.encode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"python", "bash", "javascript"})
  void environmentAndInputAreOneExecutionsOwn(String language) {
    // Given
    HeldSandbox sandbox = AROUND.hold("keeper");
    String look =
        switch (language) {
          case "python" ->
              "import os, sys; print(os.environ.get('SECRET'), os.environ['HOME'], sys.stdin.read())";
          case "bash" -> "echo \"${SECRET-None} $HOME $(cat)\"";
          default ->
              "console.log(process.env.SECRET ?? 'None', process.env.HOME,"
                  + " require('fs').readFileSync(0, 'utf8'))";
        };
    JsonObject request = sandbox.request(language, look, 20_000);
    JsonObject given =
        request
            .copy()
            .put("env", new JsonObject().put("SECRET", "it's \"$(id)\"\n=").put("HOME", "/x"))
            .put("stdin", "typed");

    // When
    Answer first = sandbox.ask(given);
    Answer second = sandbox.ask(request);
    Answer third = sandbox.ask(given);

    // Then
    String seen = "it's \"$(id)\"\n= /x typed\n";
    assertEquals(seen, first.body().getString("stdout"), first.body().encode());
    assertEquals("None /workspace \n", second.body().getString("stdout"), second.body().encode());
    assertEquals(seen, third.body().getString("stdout"), third.body().encode());
  }
}
