package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Executions in processes of their own, in sandboxes that are held. */
class ProcessModeIT {
  private static final int LIMIT_MILLIS = 30_000;

  @RegisterExtension static final RunningServer SERVER = new RunningServer().behindOpenPolicy();

  private final Api api = SERVER.api();

  @ParameterizedTest
  @CsvSource({
    "python, kept = 1, print('kept' in globals())",
    "bash, kept=1, [[ -v kept ]] && echo True || echo False",
    "javascript, globalThis.kept = 1, console.log(typeof kept === 'number' ? 'True' : 'False')"
  })
  void aProcessSeesNothingOfTheInterpreterAndLeavesItNothing(
      String language, String keep, String look) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "apart");
    sandbox.run(language, keep);

    // When
    JsonObject process = process(sandbox, language, look).body();
    JsonObject again = process(sandbox, language, look).body();
    JsonObject context = sandbox.run(language, look);

    // Then
    assertEquals("False\n", process.getString("stdout"), process.encode());
    assertFalse(process.getBoolean("stateLost"));
    assertEquals("False\n", again.getString("stdout"), again.encode());
    assertEquals("True\n", context.getString("stdout"), context.encode());
  }

  @Test
  void aBashProcessEndsAsAProcessDoes() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "ends");
    String code = "trap 'echo \"bye $NAME\"; exit 7' EXIT; read word; echo \"$word\"; exit 3";

    // When
    for (int round = 0; round < 3; round++) {
      JsonObject request =
          sandbox
              .request("bash", code, LIMIT_MILLIS)
              .put("mode", "process")
              .put("stdin", "typed\n")
              .put("env", new JsonObject().put("NAME", "it's me"));
      JsonObject reply = sandbox.ask(request).body();

      // Then
      assertEquals("typed\nbye it's me\n", reply.getString("stdout"), reply.encode());
      assertEquals(7, reply.getInteger("exitCode"));
    }
  }

  @Test
  void aOneShotBashRunsWithNothingOfOursOpen() {
    // When
    JsonObject reply = api.run("bash", "ls /proc/self/fd | tr '\\n' ' '; return 4");

    // Then
    // 3 is the directory that ls reads.
    assertEquals("0 1 2 3 ", reply.getString("stdout"), reply.encode());
    assertEquals(4, reply.getInteger("exitCode"));
  }

  @Test
  void processesRunBesideEachOtherAndBesideAnInterpreter() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "beside");
    sandbox.run("python", "import os, time");
    String wait = "until [ -e %s ]; do sleep 0.05; done; echo seen";
    CompletableFuture<Answer> first = processLater(sandbox, "bash", wait.formatted("a"));
    CompletableFuture<Answer> second = processLater(sandbox, "bash", wait.formatted("b"));
    CompletableFuture<Answer> context =
        sandbox.askLater(
            sandbox.request(
                "python",
                "while not os.path.exists('b'): time.sleep(0.05)\nprint('seen')",
                LIMIT_MILLIS));

    // When
    process(sandbox, "bash", "touch a");
    assertEquals("seen\n", first.join().body().getString("stdout"), first.join().body().encode());
    process(sandbox, "python", "open('b', 'w')");

    // Then
    assertEquals("seen\n", second.join().body().getString("stdout"));
    assertEquals("seen\n", context.join().body().getString("stdout"));
  }

  @Test
  void theEndOfOneAtItsTimeLimitCutsNothingOfAnother() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "spared");
    CompletableFuture<Answer> writer =
        processLater(
            sandbox,
            "python",
            """
            import os, sys
            text = b'x' * 300000
            while not os.path.exists('enough'):
                if os.write(1, text) < len(text): sys.exit('cut short')
            """);

    // When
    for (int round = 0; round < 10; round++) {
      JsonObject killed =
          sandbox.ask(sandbox.request("bash", "sleep 1000", 100).put("mode", "process")).body();
      assertEquals("timed-out", killed.getString("status"), killed.encode());
    }
    process(sandbox, "bash", "touch enough");

    // Then
    JsonObject reply = writer.join().body();
    assertEquals("", reply.getString("stderr"));
    assertEquals(0, reply.getInteger("exitCode"));
  }

  @Test
  void moreProcessesThanMayRunAtOnceTakeTurns() {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "turns");
    List<CompletableFuture<Answer>> asked =
        IntStream.range(0, 24).mapToObj(n -> processLater(sandbox, "bash", "echo " + n)).toList();

    // Then
    for (int n = 0; n < asked.size(); n++) {
      assertEquals(n + "\n", asked.get(n).join().body().getString("stdout"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fresh", "one-shot", " "})
  void anUnknownModeIsRefused(String mode) {
    // Given
    HeldSandbox sandbox = HeldSandbox.of(api, "unknown");

    // When
    Answer answer = sandbox.ask(sandbox.request("bash", ":", LIMIT_MILLIS).put("mode", mode));

    // Then
    assertEquals(422, answer.status());
    assertEquals("mode.unknown", answer.code());
    assertTrue(sandbox.delete().status() == 200);
  }

  private static Answer process(HeldSandbox sandbox, String language, String code) {
    return processLater(sandbox, language, code).join();
  }

  private static CompletableFuture<Answer> processLater(
      HeldSandbox sandbox, String language, String code) {
    return sandbox.askLater(sandbox.request(language, code, LIMIT_MILLIS).put("mode", "process"));
  }
}
