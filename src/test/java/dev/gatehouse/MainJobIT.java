package dev.gatehouse;

import static dev.gatehouse.Api.execution;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The main job: classified, run in gVisor, recorded, measured. */
class MainJobIT {
  @RegisterExtension static final RunningServer SERVER = new RunningServer();

  private final Api api = SERVER.api();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"python|print(6*7)", "javascript|console.log(6*7)", "bash|echo $((6*7))"})
  void runsEveryLanguageInGvisor(String language, String code) {
    // When
    JsonObject reply = api.run(language, code);

    // Then
    assertEquals("42\n", reply.getString("stdout"));
    assertEquals("", reply.getString("stderr"));
    assertEquals(0, reply.getInteger("exitCode"));
    assertEquals("exited", reply.getString("status"));
    assertFalse(reply.getBoolean("timedOut"));
    assertFalse(reply.getBoolean("truncated"));
    assertEquals("ALLOW", reply.getJsonObject("decision").getString("outcome"));
    assertEquals("LOW", reply.getJsonObject("decision").getString("risk"));
    assertNotNull(reply.getJsonObject("sandbox").getString("id"));
    assertEquals("runsc-none", reply.getJsonObject("sandbox").getString("runtime"));
    assertTrue(reply.getJsonObject("timings").getLong("runNanos") > 0);
    assertTrue(reply.getJsonObject("timings").getLong("recordNanos") > 0);
  }

  @Test
  void theKernelInsideIsGvisor() {
    assertTrue(api.run("bash", "dmesg").getString("stdout").contains("Starting gVisor"));
  }

  @Test
  void keepsStdoutAndStderrApartAndTellsTheExitCode() {
    // When
    JsonObject reply = api.run("bash", "echo out; echo err >&2; exit 7");

    // Then
    assertEquals("out\n", reply.getString("stdout"));
    assertEquals("err\n", reply.getString("stderr"));
    assertEquals(7, reply.getInteger("exitCode"));
  }

  @Test
  void givesTheCodeItsInputAndEnvironment() {
    // Given
    JsonObject request =
        execution("python", "import os, sys; print(os.environ['NAME'] + sys.stdin.read())")
            .put("env", new JsonObject().put("NAME", "hello "))
            .put("stdin", "wörld");

    // When
    Answer answer = api.post("agent", "/v1/executions", request);

    // Then
    assertEquals("hello wörld\n", answer.body().getString("stdout"), answer.body().encode());
  }

  @Test
  void recordsTheIntentAndTheOutcome() {
    // Given
    String id = api.run("python", "print('recorded')").getString("id");

    // When
    JsonArray events = api.get("auditor", "/v1/audit?action=" + id).body().getJsonArray("events");

    // Then
    List<String> kinds =
        events.stream().map(event -> ((JsonObject) event).getString("kind")).toList();
    assertEquals(List.of("decision", "execution.started", "execution.ended"), kinds);
    JsonObject ended = events.getJsonObject(2);
    assertEquals("exited", ended.getString("status"));
    assertEquals(0, ended.getJsonObject("detail").getInteger("exitCode"));
    assertEquals("agent", ended.getString("actor"));
    assertEquals("s1", ended.getString("session"));
    assertEquals(
        "print('recorded')",
        events
            .getJsonObject(0)
            .getJsonObject("detail")
            .getJsonObject("arguments")
            .getString("code"));
  }

  @Test
  void refusesWhatPolicyDeniesAndRecordsThat() {
    // When
    Answer answer = api.post("agent", "/v1/executions", execution("bash", "rm -rf /"));

    // Then
    assertEquals(403, answer.status());
    assertEquals("policy.denied", answer.code());
    assertEquals("DENY", answer.body().getJsonObject("decision").getString("outcome"));
    assertFalse(answer.body().getJsonObject("decision").getJsonArray("reasons").isEmpty());
    JsonArray events =
        api.get("auditor", "/v1/audit?action=" + answer.body().getString("id"))
            .body()
            .getJsonArray("events");
    assertEquals(1, events.size());
    assertEquals("DENY", events.getJsonObject(0).getString("outcome"));
  }

  @Test
  void answersAnActionThatNeedsApprovalWithTheApprovalsId() {
    // When
    Answer answer = api.post("agent", "/v1/executions", execution("bash", "sudo id"));

    // Then
    assertEquals(202, answer.status());
    String approval = answer.body().getJsonObject("approval").getString("id");
    Answer pending = api.get("approver", "/v1/approvals/" + approval);
    assertEquals("pending", pending.body().getString("state"), pending.body().encode());
    assertEquals(answer.body().getString("id"), pending.body().getString("action"));
  }

  @Test
  void classifiesWithoutRunning() {
    // Given
    JsonObject request =
        new JsonObject()
            .put("tool", "bash")
            .put("arguments", new JsonObject().put("command", "ls -la"))
            .put("session", "s1")
            .put("context", new JsonObject());

    // When
    Answer answer = api.post("agent", "/v1/decisions", request);

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals("ALLOW", answer.body().getString("outcome"));
    assertTrue(answer.body().getLong("tookNanos") > 0);
    assertTrue(answer.body().getString("policy").startsWith("sha256:"));
  }

  @Test
  void aSandboxKeepsItsFilesAndItsInterpretersState() {
    // Given
    Answer created = api.post("agent", "/v1/sandboxes", new JsonObject().put("session", "kept"));
    assertEquals(201, created.status(), created.body().encode());
    String path = "/v1/sandboxes/" + created.body().getString("id");
    JsonObject first = execution("python", "x = 41; open('f', 'w').write('file')");
    JsonObject second = execution("python", "print(x + 1, open('f').read())");

    // When
    api.post("agent", path + "/executions", first.put("session", "kept"));
    Answer answer = api.post("agent", path + "/executions", second.put("session", "kept"));

    // Then
    assertEquals("42 file\n", answer.body().getString("stdout"), answer.body().encode());
    assertEquals(200, api.delete("agent", path).status());
    Answer gone = api.get("agent", path);
    assertEquals(410, gone.status());
    assertTrue(gone.body().getString("detail").contains("deleted"), gone.body().encode());
  }

  @Test
  void latencyMovesWithTheWork() {
    // Given
    JsonObject before = sinceStart();

    // When
    api.run("python", "print(1)");

    // Then
    Eventually.eventually(
        "every metric of the main job counted one more",
        Duration.ofSeconds(30),
        () -> {
          JsonObject now = sinceStart();
          return List.of(
                  "http.request",
                  "policy.decide",
                  "audit.commit",
                  "sandbox.acquire",
                  "execution.run",
                  "execution.overhead")
              .stream()
              .allMatch(metric ->
                  count(now, metric) > count(before, metric)
                      && now.getJsonObject(metric).getJsonObject("start").getDouble("p99") > 0);
        });
  }

  private JsonObject sinceStart() {
    return api.get("agent", "/latency").body().getJsonObject("metrics");
  }

  private static long count(JsonObject metrics, String metric) {
    return metrics.getJsonObject(metric).getJsonObject("start").getLong("count");
  }
}
