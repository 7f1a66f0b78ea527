package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes on a terminal. */
class TerminalIT {
  private static final String SHELL = "PS1='$ ' exec bash --norc -i";

  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  @Test
  void aProcessHasATerminalOfTheSizeThatWasAskedFor() {
    // When
    JsonObject end =
        start(
                HeldSandbox.of(api, "size"),
                "bash",
                "tty; stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; echo $TERM;"
                    + " echo err >&2")
            .awaitEnd("exited");

    // Then
    assertTrue(
        end.getString("stdout")
            .matches("/dev/pts/\\d+\r\n31 97\r\nall\r\nxterm-256color\r\nerr\r\n"),
        end.encode());
    assertEquals("", end.getString("stderr"));
  }

  @Test
  void aNewSizeIsToldAndSeen() {
    // Given
    BackgroundRun run =
        start(
            HeldSandbox.of(api, "resized"),
            "bash",
            "trap 'echo now $(stty size)' WINCH; echo ready;" + " while :; do sleep 0.05; done");
    run.awaitOutput("ready");

    // When
    Answer answer = run.send("resize", new JsonObject().put("rows", 50).put("cols", 132));

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    run.awaitOutput("now 50 132");
    run.type("\u0003").awaitEnd("exited");
  }

  @Test
  void controlCInterruptsWhatIsInTheForegroundAndTheShellGoesOn() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "control-c");
    BackgroundRun run = start(sandbox, "bash", SHELL);
    run.awaitOutput("$ ");
    run.type("sleep 1004; echo after\n");
    ExecutionSignalIT.awaitCount(sandbox, "1004", 1);

    // When
    run.type("\u0003").type("echo $((40 + 2))\n");

    // Then
    String output = run.awaitOutput("42\r\n");
    assertEquals(2, output.split("after", -1).length, output);
    assertFalse(output.contains("no job control"), output);
    run.type("exit 4\n");
    assertEquals(4, run.awaitEnd("exited").getInteger("exitCode"));
  }

  @Test
  void controlCEndsAProcessThatDoesNotHandleIt() {
    // Given
    BackgroundRun run =
        start(HeldSandbox.of(api, "interrupted"), "python", "print('begun')\nwhile True: pass");
    run.awaitOutput("begun");

    // When
    run.type("\u0003");

    // Then
    JsonObject end = run.awaitEnd("exited");
    assertEquals(130, end.getInteger("exitCode"), end.encode());
    assertTrue(end.getString("stdout").contains("KeyboardInterrupt"), end.encode());
  }

  @Test
  void controlCIsACharacterWhereTheTerminalIsRaw() {
    // Given
    String code =
        """
        import os, termios, tty
        tty.setraw(0, termios.TCSANOW)
        os.write(1, b'raw')
        print(os.read(0, 10))
        """;
    BackgroundRun run = start(HeldSandbox.of(api, "raw"), "python", code);
    run.awaitOutput("raw");

    // When
    run.type("\u0003");

    // Then
    assertTrue(run.awaitEnd("exited").getString("stdout").contains("b'\\x03'"));
  }

  @Test
  void controlDEndsAShellAndTheTerminalHasNoOtherEnd() {
    // Given
    BackgroundRun run = start(HeldSandbox.of(api, "end"), "bash", SHELL);
    run.awaitOutput("$ ");

    // When
    Answer end = run.send("stdin", new JsonObject().put("end", true));
    run.type("\u0004");

    // Then
    assertEquals(422, end.status());
    assertEquals("stdin.endless", end.code());
    assertEquals(0, run.awaitEnd("exited").getInteger("exitCode"));
  }

  @Test
  void pythonTellsItsFailureOnATerminal() {
    // When
    JsonObject end = start(HeldSandbox.of(api, "fails"), "python", "1/0").awaitEnd("exited");

    // Then
    assertTrue(end.getString("stdout").contains("ZeroDivisionError"), end.encode());
    assertEquals(1, end.getInteger("exitCode"));
  }

  @Test
  void pythonAsksOnATerminal() {
    // Given
    BackgroundRun run = start(HeldSandbox.of(api, "asks"), "python", "print(input('name? ') * 2)");

    // When
    run.awaitOutput("name? ");
    run.type("ab\n");

    // Then
    assertTrue(run.awaitEnd("exited").getString("stdout").contains("abab"));
  }

  @Test
  void aSignalReachesTheForeground() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "foreground");
    BackgroundRun run = start(sandbox, "bash", SHELL);
    run.awaitOutput("$ ");
    run.type("sleep 1005; echo status $?\n");
    ExecutionSignalIT.awaitCount(sandbox, "1005", 1);

    // When
    run.signal("SIGTERM");

    // Then
    run.awaitOutput("status 143\r\n");
    run.type("exit\n").awaitEnd("exited");
  }

  @Test
  void whatIsStoppedOnATerminalGoesOnWhenItIsToldTo() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "continued");
    BackgroundRun run =
        start(sandbox, "bash", "echo ready; until [ -e go ]; do sleep 0.05; done; echo went on");
    run.awaitOutput("ready");

    // When
    run.signal("SIGSTOP");
    sandbox.ask(sandbox.request("bash", "touch go", 30_000).put("mode", "process"));
    run.signal("SIGCONT");

    // Then
    assertEquals("ready\r\nwent on\r\n", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void aProgramThatTakesNothingFromItsTerminalIsBounded() {
    // Given
    BackgroundRun run =
        start(
            HeldSandbox.of(api, "full"),
            "python",
            "import termios, tty, time; tty.setraw(0, termios.TCSANOW); print('raw'); time.sleep(1000)");
    run.awaitOutput("raw");

    // When
    int taken = 0;
    Answer answer;
    do {
      answer = run.send("stdin", new JsonObject().put("text", "x".repeat(16 << 10)));
      taken += 16 << 10;
      assertTrue(taken < 1 << 20, "there is no bound");
    } while (answer.status() == 200);

    // Then
    assertEquals("stdin.full", answer.code());
    run.signal("SIGKILL").awaitEnd("exited");
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"rows\":0,\"cols\":80}', field.out-of-range",
    "'{\"rows\":-1,\"cols\":80}', field.out-of-range",
    "'{\"rows\":24,\"cols\":1001}', field.out-of-range",
    "'{\"rows\":99999999999999999999,\"cols\":80}', field.out-of-range",
    "'{\"rows\":24.5,\"cols\":80}', field.wrong-type",
    "'{\"rows\":24}', field.missing",
    "'{\"rows\":24,\"cols\":80,\"x\":1}', field.unknown"
  })
  void anAbsurdSizeIsRefused(String size, String code) {
    // Given
    BackgroundRun run = start(HeldSandbox.of(api, "absurd"), "bash", "read line; stty size");

    // When
    Answer answer = api.post("agent", run.path() + "/resize", size);

    // Then
    assertEquals(422, answer.status(), answer.body().encode());
    assertEquals(code, answer.code());
    run.type("\n");
    assertTrue(run.awaitEnd("exited").getString("stdout").endsWith("31 97\r\n"));
  }

  @Test
  void whatHasNoTerminalHasNoSize() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "none");
    BackgroundRun run =
        BackgroundRun.of(
            api,
            sandbox,
            sandbox.request("bash", "cat", 60_000).put("mode", "process").put("interactive", true));

    // When
    Answer answer = run.send("resize", new JsonObject().put("rows", 24).put("cols", 80));

    // Then
    assertEquals(409, answer.status());
    assertEquals("execution.no-terminal", answer.code());
    run.end();
  }

  private BackgroundRun start(HeldSandbox sandbox, String language, String code) {
    return BackgroundRun.of(
        api,
        sandbox,
        sandbox
            .request(language, code, 60_000)
            .put("mode", "process")
            .put("pty", new JsonObject().put("rows", 31).put("cols", 97)));
  }
}
