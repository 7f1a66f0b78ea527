package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to what runs: to processes with their children, and to the code of a context. */
class ExecutionSignalIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  @ParameterizedTest
  @CsvSource({"SIGINT, 130", "SIGTERM, 143", "SIGKILL, 137", "SIGHUP, 129", "SIGUSR1, 138"})
  void endsAProcessAndItsChildren(String signal, int exitCode) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "children");
    BackgroundRun run =
        start(sandbox, "bash", "bash -c 'sleep 1001; :' & echo begun; sleep 1000; :", "process");
    run.awaitOutput("begun");
    awaitCount(sandbox, "1001", 1);

    // When
    run.signal(signal);

    // Then
    assertEquals(exitCode, run.awaitEnd("exited").getInteger("exitCode"));
    if (!signal.equals("SIGINT")) {
      // What bash starts in the background ignores interrupts.
      awaitCount(sandbox, "1001", 0);
    }
  }

  @Test
  void aProcessHandlesWhatItWantsTo() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "handles");
    String code =
        "trap 'echo got usr1' USR1; trap 'echo bye; exit 5' TERM; echo ready;"
            + " while :; do sleep 0.05; done";
    BackgroundRun run = start(sandbox, "bash", code, "process");
    run.awaitOutput("ready");

    // When
    run.signal("SIGUSR1").awaitOutput("got usr1");
    run.signal("SIGTERM");

    // Then
    JsonObject end = run.awaitEnd("exited");
    assertEquals(5, end.getInteger("exitCode"), end.encode());
    assertTrue(end.getString("stdout").endsWith("bye\n"));
  }

  @Test
  void aStoppedProcessGoesOnWhenItIsToldTo() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "stopped");
    BackgroundRun run =
        start(
            sandbox,
            "bash",
            "echo $$; until [ -e go ]; do sleep 0.05; done; echo went on",
            "process");
    String pid = run.awaitOutput("\n").strip();

    // When
    run.signal("SIGSTOP");
    Eventually.eventually(
        "it is stopped",
        LIMIT,
        () -> aside(sandbox, "cut -d ' ' -f 3 /proc/" + pid + "/stat").equals("T\n"));
    aside(sandbox, "touch go");
    assertFalse(run.output().contains("went on"));
    run.signal("SIGCONT");

    // Then
    assertEquals(pid + "\nwent on\n", run.awaitEnd("exited").getString("stdout"));
  }

  /** The first is run by the supervisor, the second by the interpreter that has the wire. */
  @Test
  void anInterruptEndsTheCodeOfAPythonContextAndTheStateSurvives() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "python");
    sandbox.run("python", "kept = 1");
    for (int round = 0; round < 3; round++) {
      BackgroundRun run =
          start(
              sandbox,
              "python",
              "kept += 1\nprint('begun', flush=True)\nwhile True: pass",
              "context");
      run.awaitOutput("begun");

      // When
      run.signal("SIGINT");

      // Then
      JsonObject end = run.awaitEnd("exited");
      assertEquals(130, end.getInteger("exitCode"), end.encode());
      assertTrue(end.getString("stderr").contains("KeyboardInterrupt"), end.encode());
      assertFalse(end.getBoolean("stateLost"), end.encode());
    }
    assertEquals("4\n", sandbox.run("python", "print(kept)").getString("stdout"));
  }

  @Test
  void anInterruptEndsWhatAPythonContextWaitsForToo() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "waits");
    sandbox.run("python", "kept = 1");
    BackgroundRun run =
        start(
            sandbox,
            "python",
            "import subprocess; print('begun', flush=True); subprocess.run(['sleep', '1002'])",
            "context");
    run.awaitOutput("begun");
    awaitCount(sandbox, "1002", 1);

    // When
    run.signal("SIGINT");

    // Then
    assertEquals(130, run.awaitEnd("exited").getInteger("exitCode"));
    awaitCount(sandbox, "1002", 0);
    assertEquals("1\n", sandbox.run("python", "print(kept)").getString("stdout"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kept=2; echo begun; sleep 1003; echo not; echo that",
        "kept=2; f() { while :; do :; done; echo not; }; echo begun; while :; do f; done; echo not",
        "kept=2; echo begun; for i in $(seq 100000); do read -t 1 x < <(sleep 1); done; echo not"
      })
  void anInterruptEndsTheCodeOfABashContextAndTheStateSurvives(String code) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "bash");
    sandbox.run("bash", "kept=1");
    for (JsonObject env : new JsonObject[] {new JsonObject(), new JsonObject().put("A", "b")}) {
      BackgroundRun run =
          BackgroundRun.of(api, sandbox, sandbox.request("bash", code, 60_000).put("env", env));
      run.awaitOutput("begun");
      if (code.contains("sleep 1003")) {
        // What comes between a shell's fork and exec is lost to the child, as on any terminal.
        awaitCount(sandbox, "1003", 1);
      }

      // When
      run.signal("SIGINT");

      // Then
      JsonObject end = run.awaitEnd("exited");
      assertEquals(130, end.getInteger("exitCode"), end.encode());
      assertFalse(end.getString("stdout").contains("not"), end.encode());
      assertFalse(end.getBoolean("stateLost"), end.encode());
    }
    JsonObject next = sandbox.run("bash", "f() { echo $kept$A; }; f; false || f");
    assertEquals("2\n2\n", next.getString("stdout"), next.encode());
    assertEquals("", next.getString("stderr"));
  }

  @ParameterizedTest
  @CsvSource({"python, SIGKILL, 137", "bash, SIGTERM, 143", "javascript, SIGINT, 130"})
  void whatEndsAnInterpreterEndsItsStateAndSaysSo(String language, String signal, int exitCode) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "ends");
    String code =
        switch (language) {
          case "python" -> "print('begun', flush=True)\nwhile True: pass";
          case "bash" -> "echo begun; while :; do :; done";
          default -> "console.log('begun'); new Promise(() => setInterval(() => {}, 1000))";
        };
    BackgroundRun run = start(sandbox, language, code, "context");
    run.awaitOutput("begun");

    // When
    run.signal(signal);

    // Then
    JsonObject end = run.awaitEnd("exited");
    assertEquals(exitCode, end.getInteger("exitCode"), end.encode());
    assertTrue(end.getBoolean("stateLost"), end.encode());
    assertEquals(0, sandbox.run(language, "1").getInteger("exitCode", 0) % 127);
  }

  @Test
  void interruptsThatComeTooLateEndNothing() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "late");
    sandbox.run("python", "kept = 0");

    // When
    for (int round = 0; round < 20; round++) {
      BackgroundRun run = start(sandbox, "python", "kept += 1", "context");
      Answer answer = run.send("signal", new JsonObject().put("signal", "SIGINT"));
      assertTrue(
          answer.status() == 200 || answer.code().equals("execution.ended"),
          answer.body().encode());
      assertFalse(run.awaitEnd("exited").getBoolean("stateLost"), "round " + round);
    }

    // Then
    JsonObject last = sandbox.run("python", "print(kept > 0)");
    assertEquals("True\n", last.getString("stdout"), last.encode());
    assertFalse(last.getBoolean("stateLost"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "SIGSEGV", "9", "", "sigint", "SIGRTMIN", "SIGINT "})
  void aSignalThatIsNotAllowedIsRefused(String name) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "names");
    BackgroundRun run = start(sandbox, "bash", "sleep 1000", "process");

    // When
    Answer answer = run.send("signal", new JsonObject().put("signal", name));

    // Then
    assertEquals(422, answer.status());
    assertEquals("signal.unknown", answer.code());
    assertEquals("running", run.status().getString("status"));
    sandbox.delete();
  }

  @Test
  void isNobodyElses() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "mine");
    BackgroundRun run = start(sandbox, "bash", "sleep 1000", "process");
    JsonObject kill = new JsonObject().put("signal", "SIGKILL");

    // Then
    assertEquals(404, api.post("agent", run.path() + "/signal?session=other", kill).status());
    assertEquals(403, api.post("operator", run.path() + "/signal", kill).status());
    assertEquals("running", run.status().getString("status"));
    sandbox.delete();
  }

  private BackgroundRun start(HeldSandbox sandbox, String language, String code, String mode) {
    return BackgroundRun.of(
        api, sandbox, sandbox.request(language, code, 60_000).put("mode", mode));
  }

  /** What a process beside it says. */
  private static String aside(HeldSandbox sandbox, String command) {
    return sandbox
        .ask(sandbox.request("bash", command, 30_000).put("mode", "process"))
        .body()
        .getString("stdout");
  }

  /** Awaits that so many processes sleep for {@code seconds}. */
  static void awaitCount(HeldSandbox sandbox, String seconds, int count) {
    String look =
        "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -o 'sleep "
            + seconds.substring(0, 3)
            + "["
            + seconds.substring(3)
            + "] ' | wc -l";
    Eventually.eventually(
        count + " sleep", LIMIT, () -> aside(sandbox, look).strip().equals("" + count));
  }
}
