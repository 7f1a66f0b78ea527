package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code that takes all it can get, or does not want to end: it stays within its limits. */
class HostileGuestIT {
  private static final int MIB = 1 << 20;

  @RegisterExtension
  @Order(1)
  static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  @RegisterExtension
  @Order(2)
  static final Neighbourhood AROUND = new Neighbourhood(SERVER);

  private final Api api = SERVER.api();

  static List<Arguments> forkBombs() {
    return List.of(
        Arguments.of("bash", ":(){ :|:& };: ; wait; sleep 60"),
        Arguments.of(
            "python",
            """
            import os
            while True: os.fork()
            """),
        Arguments.of(
            "bash", "while :; do (setsid bash -c 'while :; do sleep 100 & done' &) ; done"));
  }

  @ParameterizedTest
  @MethodSource("forkBombs")
  void aForkBombEndsByNameAndLeavesNothing(String language, String code) {
    // When
    JsonObject reply = AROUND.hold("bomber").run(language, code);

    // Then
    assertTrue(
        Set.of("too-many-processes", "out-of-memory").contains(reply.getString("status")),
        reply.encode());
    assertTrue(reply.getInteger("exitCode") > 128, reply.encode());
    assertFalse(reply.getBoolean("timedOut"));
  }

  @Test
  void slowGrowthBeyondTheProcessLimitIsNamedAndTheSandboxServesOn() {
    // Given
    HeldSandbox sandbox = AROUND.hold("grower");

    // When
    JsonObject reply =
        sandbox.run("bash", "echo so far; for i in $(seq 200); do sleep 100 & done; wait");

    // Then
    assertEquals("too-many-processes", reply.getString("status"), reply.encode());
    assertEquals("so far\n", reply.getString("stdout"));
    assertTrue(reply.getBoolean("stateLost"));
    assertNoneLeft(sandbox, "sleep");
  }

  @Test
  void whatAnExecutionLeavesBehindMayNotGrowBeyondTheLimitEither() {
    // Given
    HeldSandbox sandbox = AROUND.hold("sleeper");
    String bomb = "kept=1; (sleep 0.2; while :; do sleep 1000 & done) & echo started";

    // When
    assertEquals("started\n", sandbox.run("bash", bomb).getString("stdout"));

    // Then
    Eventually.eventually(
        "the processes left behind are gone",
        Duration.ofSeconds(60),
        () -> {
          JsonObject reply =
              sandbox.run(
                  "python",
                  "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))");
          return reply.getString("status").equals("exited")
              && Integer.parseInt(reply.getString("stdout").strip()) <= 4;
        });
  }

  @Test
  void memoryBeyondTheLimitIsNamedAndTheSandboxIsGoneForThatReason() {
    // Given
    HeldSandbox sandbox = AROUND.hold("hoarder");

    // When
    JsonObject reply =
        sandbox.run(
            "python",
            "print('so far', flush=True)\nkept = []\nwhile True: kept.append(bytearray(b'x' * (1 << 20)))");

    // Then
    assertEquals("out-of-memory", reply.getString("status"), reply.encode());
    assertEquals(137, reply.getInteger("exitCode"));
    assertEquals("so far\n", reply.getString("stdout"));
    Answer gone = sandbox.ask(sandbox.request("bash", "echo", 1000));
    assertEquals(410, gone.status());
    assertTrue(gone.body().getString("detail").contains("out-of-memory"), gone.body().encode());
  }

  /**
   * Under load the engine tells that memory ran out after it told the end: one in ten, seen here.
   */
  @Test
  void memoryBeyondTheLimitIsNamedAlsoWhereTheEngineTellsItLate() {
    // Given
    String hoard = "kept = []\nwhile True: kept.append(bytearray(b'x') * (1 << 24))";

    // When
    List<String> ends =
        IntStream.range(0, 24)
            .parallel()
            .mapToObj(i -> api.run("python", hoard).getString("status"))
            .toList();

    // Then
    assertEquals(Set.of("out-of-memory"), Set.copyOf(ends));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/workspace", "/tmp", "/run/gatehouse", "/dev/shm"})
  void aFullDiskIsTheGuestsOwnTrouble(String place) {
    // Given
    HeldSandbox sandbox = AROUND.hold("filler");

    // When
    JsonObject filled = sandbox.run("bash", "cat /dev/zero > " + place + "/filler");
    JsonObject next = sandbox.run("bash", "echo on");

    // Then
    assertTrue(filled.getString("stderr").contains("No space left on device"), filled.encode());
    assertTrue(
        next.getString("stdout").equals("on\n")
            || (next.getString("status").equals("not-started")
                && next.getString("stderr").contains("No space left on device")),
        next.encode());
    JsonObject freed = sandbox.run("bash", "rm " + place + "/filler; echo free");
    assertTrue(
        freed.getString("stdout").equals("free\n")
            || freed.getString("status").equals("not-started"),
        freed.encode());
  }

  @Test
  void codeThatDoesNotFitTheScratchSpaceIsRefusedWithTheReasonAndLeavesNothingThere() {
    // Given
    HeldSandbox sandbox = AROUND.hold("filler");
    sandbox.run("bash", "head -c 7900K /dev/zero > /run/gatehouse/filler");

    // When
    JsonObject refused = sandbox.run("bash", "echo " + "x".repeat(900_000));
    JsonObject next = sandbox.run("bash", "ls /run/gatehouse | wc -l");

    // Then
    assertEquals("not-started", refused.getString("status"), refused.encode());
    assertTrue(refused.getString("stderr").contains("No space left on device"), refused.encode());
    assertNull(refused.getInteger("exitCode"));
    // The filler and the code of the execution that looks.
    assertEquals("2\n", next.getString("stdout"), next.encode());
  }

  @ParameterizedTest
  @CsvSource({
    "stdout, yes x 2>/dev/null | head -c 100M",
    "stderr, yes x 2>/dev/null | head -c 100M >&2",
    "stdout, head -c 100M /dev/zero | tr '\\0' x",
    "stderr, head -c 100M /dev/zero | tr '\\0' x >&2"
  })
  void outputIsCutAtTheCapAndSaysSo(String stream, String code) {
    // Given
    long heapBefore = heapAfterCollection();

    // When
    JsonObject reply = AROUND.hold("talker").run("bash", code);

    // Then
    String other = stream.equals("stdout") ? "stderr" : "stdout";
    assertEquals("exited", reply.getString("status"));
    assertEquals(MIB, reply.getString(stream).length());
    assertEquals("", reply.getString(other));
    assertTrue(reply.getBoolean("truncated"));
    assertTrue(reply.getBoolean(stream + "Truncated"));
    assertFalse(reply.getBoolean(other + "Truncated"));
    assertTrue(heapAfterCollection() < heapBefore + 32 * MIB);
  }

  private static long heapAfterCollection() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void outputThatNeverEndsIsCutAtTheTimeLimitToo() {
    // When
    JsonObject reply = AROUND.hold("talker").run("bash", "yes", 2000);

    // Then
    assertEquals("timed-out", reply.getString("status"));
    assertEquals(MIB, reply.getString("stdout").length());
    assertTrue(reply.getBoolean("truncated"));
  }

  static List<Arguments> clingers() {
    return List.of(
        Arguments.of(
            "python",
            """
            import signal, time
            for n in range(1, 65):
                try: signal.signal(n, signal.SIG_IGN)
                except (OSError, ValueError): pass
            print('so far', flush=True)
            while True: time.sleep(4321)
            """),
        Arguments.of(
            "python",
            """
            import os, time
            print('so far', flush=True)
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: os.execlp('sleep', 'sleep', '4321')
                os._exit(0)
            time.sleep(4321)
            """),
        Arguments.of(
            "bash",
            """
            echo so far; setsid bash -c 'trap "" TERM HUP INT; (setsid sleep 4321 &); sleep 4321' &
            sleep 4321
            """),
        Arguments.of(
            "bash",
            """
            trap '' TERM; echo so far; nohup sleep 4321 >/dev/null 2>&1 & disown
            kill -STOP $!; sleep 4321
            """),
        Arguments.of(
            "javascript",
            """
            const {spawn} = require('child_process');
            console.log('so far');
            spawn('sleep', ['4321'], {detached: true, stdio: 'ignore'}).unref();
            for (;;);
            """));
  }

  @ParameterizedTest
  @MethodSource("clingers")
  void whatDoesNotWantToEndIsKilledAtTheTimeLimitWithAllItStarted(String language, String code) {
    // Given
    HeldSandbox sandbox = AROUND.hold("clinger");

    // When
    JsonObject reply = sandbox.run(language, code, 3000);

    // Then
    assertEquals("timed-out", reply.getString("status"), reply.encode());
    assertTrue(reply.getBoolean("timedOut"));
    assertEquals(137, reply.getInteger("exitCode"));
    assertEquals("so far\n", reply.getString("stdout"));
    assertNoneLeft(sandbox, "4321");
  }

  private static void assertNoneLeft(HeldSandbox sandbox, String word) {
    JsonObject reply =
        sandbox.run(
            "python",
            """
            import os
            for pid in os.listdir('/proc'):
                if pid.isdigit() and pid not in ('1', str(os.getpid())):
                    print(open('/proc/' + pid + '/cmdline').read().replace(chr(0), ' '))
            """);
    assertEquals("exited", reply.getString("status"), reply.encode());
    assertFalse(reply.getString("stdout").contains(word), reply.encode());
  }

  static List<Arguments> recursions() {
    return List.of(
        Arguments.of(
            "python",
            """
            def f(): f()
            f()
            """),
        Arguments.of(
            "python",
            """
            import sys
            sys.setrecursionlimit(10**9)
            def f(): f()
            f()
            """),
        Arguments.of("javascript", "function f() { f(); } f();"),
        Arguments.of("bash", "f() { f; }; f"));
  }

  @ParameterizedTest
  @MethodSource("recursions")
  void endlessRecursionEndsWithATrueExitCode(String language, String code) {
    // When
    JsonObject reply = AROUND.hold("recurser").run(language, code, 20_000);

    // Then
    assertTrue(
        Set.of("exited", "out-of-memory", "timed-out").contains(reply.getString("status")),
        reply.encode());
    assertTrue(reply.getInteger("exitCode") > 0, reply.encode());
  }

  @Test
  void whatIsNotTextArrivesAsTextWithItsNuls() {
    // When
    JsonObject reply =
        api.run(
            "python",
            "import os; os.write(1, b'\\xff\\xfe\\0a\\0\\xc3'); os.write(2, b'\\0\\xed\\xa0\\x80')");

    // Then
    assertEquals("\uFFFD\uFFFD\0a\0\uFFFD", reply.getString("stdout"));
    assertTrue(reply.getString("stderr").startsWith("\0\uFFFD"), reply.encode());
    String audit = "/v1/audit?action=" + reply.getString("id");
    assertEquals(3, api.get("auditor", audit).body().getJsonArray("events").size());
  }
}
