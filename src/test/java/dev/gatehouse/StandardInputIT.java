package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent to programs that read while they run. */
class StandardInputIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int WINDOW = 64 << 10;

  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  @ParameterizedTest
  @CsvSource({
    "process, python",
    "context, python",
    "process, bash",
    "context, bash",
    "process, javascript",
    "context, javascript"
  })
  void aProgramAsksAndIsAnswered(String mode, String language) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "asks");
    String code =
        switch (language) {
          case "python" ->
              "print('hello', input('name? '))\nprint('rest', __import__('sys').stdin.read())";
          case "bash" -> "echo -n 'name? '; read name; echo hello $name; echo rest $(cat)";
          default ->
              """
              (async () => {
                process.stdout.write('name? ');
                const lines = require('readline').createInterface({input: process.stdin});
                let word = 'hello';
                for await (const line of lines) {
                  console.log(word, line);
                  word = 'rest';
                }
              })()
              """;
        };
    BackgroundRun run = BackgroundRun.of(api, sandbox, interactive(sandbox, language, code, mode));

    // When
    run.awaitOutput("name? ");
    run.type("wör").type("ld\n");
    run.awaitOutput("hello wörld\n");
    run.type("more").end();

    // Then
    JsonObject end = run.awaitEnd("exited");
    assertEquals(0, end.getInteger("exitCode"), end.encode());
    assertEquals("name? hello wörld\nrest more\n", end.getString("stdout"));
    assertEquals("", end.getString("stderr"));
  }

  @Test
  void theEndMayComeBeforeTheProgramReads() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "early");
    String wait = "until [ -e go ]; do sleep 0.05; done; cat; echo over";
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", wait, "context"));
    Eventually.eventually(
        "it has begun",
        LIMIT,
        () ->
            run.send("stdin", new JsonObject().put("text", "all").put("end", true)).status()
                == 200);

    // When
    sandbox.ask(sandbox.request("bash", "touch go", 30_000).put("mode", "process"));

    // Then
    assertEquals("allover\n", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void aContextKeepsItsStateAndReadsNothingAfterwards() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "keeps");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "python", "kept = input()", "context"));

    // When
    run.type("42\nunread\n");
    run.awaitEnd("exited");

    // Then
    JsonObject next = sandbox.run("python", "import sys; print(kept, repr(sys.stdin.read()))");
    assertEquals("42 ''\n", next.getString("stdout"), next.encode());
  }

  @Test
  void aJavaScriptContextReadsAnewInEachExecution() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "anew");
    String whole = "(async () => { for await (const piece of process.stdin) seen += piece; })()";
    sandbox.run("javascript", "var seen = ''");

    // When
    for (String text : List.of("first ", "second ")) {
      BackgroundRun run =
          BackgroundRun.of(api, sandbox, interactive(sandbox, "javascript", whole, "context"));
      run.type(text).end();
      run.awaitEnd("exited");
    }
    sandbox.ask(sandbox.request("javascript", whole, 30_000).put("stdin", "given "));
    BackgroundRun unread =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "javascript", "1", "context"));
    unread.awaitEnd("exited");
    BackgroundRun blocking =
        BackgroundRun.of(
            api,
            sandbox,
            interactive(sandbox, "javascript", "seen += require('fs').readFileSync(0)", "context"));
    blocking.type("by descriptor").end();
    blocking.awaitEnd("exited");

    // Then
    JsonObject next = sandbox.run("javascript", whole + ".then(() => console.log(seen))");
    assertEquals("first second given by descriptor\n", next.getString("stdout"), next.encode());
  }

  @Test
  void aProgramInASandboxOfItsOwnReadsToo() {
    // Given
    BackgroundRun run =
        BackgroundRun.of(
            api,
            "/v1/executions?background=true",
            Api.execution("javascript", "process.stdin.pipe(process.stdout)")
                .put("interactive", true));

    // When
    run.type("through\n").end();

    // Then
    assertEquals("through\n", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void bytesThatAreNoTextArriveAsTheyAre() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "bytes");
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", "sha256sum", "process"));

    // When
    Answer answer =
        run.send(
            "stdin",
            new JsonObject()
                .put("base64", Base64.getEncoder().encodeToString(bytes))
                .put("end", true));

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals(
        "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880  -\n",
        run.awaitEnd("exited").getString("stdout"));
  }

  @ParameterizedTest
  @CsvSource({"process", "context"})
  void whatAProgramDoesNotTakeIsRefusedAndComesThroughLater(String mode) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "flooded");
    String code =
        """
        import os, sys, time
        while not os.path.exists('go'): time.sleep(0.05)
        print(len(sys.stdin.read()))
        """;
    BackgroundRun run = BackgroundRun.of(api, sandbox, interactive(sandbox, "python", code, mode));
    String piece = "x".repeat(8 << 10);

    // When
    int taken = 0;
    Answer answer;
    do {
      answer = run.send("stdin", new JsonObject().put("text", piece));
      taken += answer.status() == 200 ? piece.length() : 0;
      assertTrue(taken <= 4 * WINDOW, "there is no bound");
    } while (answer.status() == 200 || answer.code().equals("execution.not-begun"));

    // Then
    assertEquals(429, answer.status());
    assertEquals("stdin.full", answer.code());
    assertTrue(answer.response().headers().firstValue("Retry-After").isPresent());
    assertTrue(taken >= WINDOW, taken + " bytes");
    sandbox.ask(sandbox.request("bash", "touch go", 30_000).put("mode", "process"));
    Eventually.eventually(
        "there is room for the end",
        LIMIT,
        () -> run.send("stdin", new JsonObject().put("end", true)).status() == 200);
    assertEquals(taken + "\n", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void whatIsLargerThanTheWindowIsRefusedWhole() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "large");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", "cat | wc -c", "process"));

    // When
    Answer text = run.send("stdin", new JsonObject().put("text", "x".repeat(WINDOW + 1)));
    Answer bytes =
        run.send(
            "stdin",
            new JsonObject()
                .put("base64", Base64.getEncoder().encodeToString(new byte[WINDOW + 1])));

    // Then
    assertEquals(413, text.status());
    assertEquals(413, bytes.status());
    run.end();
    assertEquals("0\n", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void aProgramThatClosesItsInputIsToldOf() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "closes");
    BackgroundRun run =
        BackgroundRun.of(
            api,
            sandbox,
            interactive(sandbox, "bash", "exec <&-; echo closed; sleep 1000", "process"));
    run.awaitOutput("closed");

    // Then
    Eventually.eventually(
        "input is refused",
        LIMIT,
        () -> run.send("stdin", new JsonObject().put("text", "x")).code().equals("stdin.closed"));
    assertEquals("running", run.status().getString("status"));
    run.signal("SIGKILL");
  }

  @Test
  void nothingIsSentAfterTheEndOfInputOrOfTheExecution() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "after");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", "cat; sleep 1000", "process"));
    run.end();

    // When
    Answer more = run.send("stdin", new JsonObject().put("text", "x"));
    run.signal("SIGKILL");
    run.awaitEnd("exited");

    // Then
    assertEquals(409, more.status());
    assertEquals("stdin.closed", more.code());
    for (String what : new String[] {"stdin", "signal", "resize"}) {
      JsonObject body =
          switch (what) {
            case "stdin" -> new JsonObject().put("text", "x");
            case "signal" -> new JsonObject().put("signal", "SIGINT");
            default -> new JsonObject().put("rows", 24).put("cols", 80);
          };
      Answer ended = run.send(what, body);
      assertEquals(409, ended.status(), what);
      assertEquals("execution.ended", ended.code(), what);
    }
  }

  @Test
  void whatWasNotStartedForItTakesNoInput() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "deaf");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, sandbox.request("bash", "cat; sleep 1000", 60_000));
    Eventually.eventually("it has begun", LIMIT, () -> !codeOf(run).equals("execution.not-begun"));

    // Then
    assertEquals("execution.not-interactive", codeOf(run));
  }

  private static String codeOf(BackgroundRun run) {
    return run.send("stdin", new JsonObject().put("text", "x")).code();
  }

  @Test
  void isNobodyElses() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "owner");
    HeldSandbox other = HeldSandbox.of(api, "other");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", "cat", "process"));
    JsonObject text = new JsonObject().put("text", "x");

    // Then
    assertEquals(404, api.post("agent", run.path() + "/stdin?session=other", text).status());
    assertEquals(403, api.post("operator", run.path() + "/stdin", text).status());
    assertEquals(403, api.post("auditor", run.path() + "/stdin", text).status());
    String inOther = other.path() + "/executions/" + run.id() + "/stdin";
    assertEquals(404, api.post("agent", inOther, text).status());
    String inOwn = sandbox.path() + "/executions/" + run.id() + "/stdin?session=owner";
    assertEquals(200, api.post("agent", inOwn, text).status());
    run.end();
    assertEquals("x", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void isTypedOnceForEachIdempotencyKey() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "once");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", "cat", "process"));

    // When
    for (int i = 0; i < 2; i++) {
      Answer answer =
          api.send(
              api.request("agent", run.path() + "/stdin")
                  .header("Idempotency-Key", run.id())
                  .POST(BodyPublishers.ofString("{\"text\":\"once\"}"))
                  .build());
      assertEquals(200, answer.status(), answer.body().encode());
    }
    run.end();

    // Then
    assertEquals("once", run.awaitEnd("exited").getString("stdout"));
  }

  @Test
  void isRecordedUnderItsExecution() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "recorded");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", "cat", "process"));

    // When
    run.type("a line with ghp_0123456789abcdefghijABCDEFGHIJ012345\n").end();
    run.awaitEnd("exited");

    // Then
    String log = run.events().toString();
    assertTrue(log.contains("process_stdin"), log);
    assertTrue(log.contains("a line with"), log);
    assertFalse(log.contains("ghp_0123456789"), log);
    assertEquals(
        2,
        run.events().stream()
            .filter(event -> event.getString("kind").equals("execution.steered"))
            .filter(event -> event.getString("status").equals("sent"))
            .count(),
        log);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"text\":\"\"}",
        "{\"text\":7}",
        "{\"end\":\"yes\"}",
        "{\"base64\":\"%\"}",
        "{\"text\":\"a\",\"base64\":\"YQ==\"}",
        "{\"text\":\"a\",\"more\":1}"
      })
  void whatIsNoInputIsRefused(String body) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "malformed");
    BackgroundRun run =
        BackgroundRun.of(api, sandbox, interactive(sandbox, "bash", "cat", "process"));

    // When
    Answer answer = api.post("agent", run.path() + "/stdin", body);

    // Then
    assertEquals(422, answer.status(), answer.body().encode());
    run.end();
    assertEquals("", run.awaitEnd("exited").getString("stdout"));
  }

  @ParameterizedTest
  @CsvSource({
    "bash, process, {\"interactive\":true}, false, interactive.background",
    "bash, process, '{\"interactive\":true,\"stdin\":\"x\"}', true, field.conflict",
    "bash, process, {\"interactive\":1}, true, field.wrong-type",
    "bash, context, '{\"pty\":{\"rows\":24,\"cols\":80}}', true, mode.pty",
    "bash, process, '{\"pty\":{\"rows\":0,\"cols\":80}}', true, field.out-of-range",
    "bash, process, '{\"pty\":{\"rows\":24,\"cols\":100000}}', true, field.out-of-range",
    "bash, process, '{\"pty\":{\"rows\":24}}', true, field.missing",
    "bash, process, '{\"pty\":{\"rows\":24,\"cols\":80,\"depth\":1}}', true, field.unknown"
  })
  void anImpossibleStartIsRefused(
      String language, String mode, String fields, boolean background, String code) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "impossible");
    JsonObject request =
        sandbox.request(language, "cat", 30_000).put("mode", mode).mergeIn(new JsonObject(fields));

    // When
    Answer answer =
        api.post("agent", sandbox.path() + "/executions?background=" + background, request);

    // Then
    assertEquals(422, answer.status(), answer.body().encode());
    assertEquals(code, answer.code());
  }

  private static JsonObject interactive(
      HeldSandbox sandbox, String language, String code, String mode) {
    return sandbox.request(language, code, 60_000).put("mode", mode).put("interactive", true);
  }
}
