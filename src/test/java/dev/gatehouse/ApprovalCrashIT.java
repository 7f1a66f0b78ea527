package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The main program is killed while questions wait and while approved actions start. */
@SuppressWarnings("NullAway.Init")
class ApprovalCrashIT {
  private static final int PENDING = 1_000;
  private static final int AT_ONCE = 50;
  private static final int RUN_AT_THE_KILL = 12;
  private static final Map<String, String> SETTINGS =
      Map.of(
          "GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/patient",
          "GATEHOUSE_APPROVAL_PENDING_PER_AGENT", "2000",
          "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "100000");

  private Path data;
  private ServerProcess server;

  @BeforeEach
  void makeData() throws IOException {
    data = Files.createTempDirectory("gatehouse-approval-crash");
  }

  @AfterEach
  void stopAndDelete() throws IOException {
    server.stop();
    ServerProcess.deleteTree(data);
  }

  @Test
  void questionsOutliveAKillWithTheirDeadlinesAndEachRunsAtMostOnce() {
    // Given
    server = ServerProcess.start(data, SETTINGS);
    Map<String, String> deadlines = new HashMap<>();
    Map<String, String> codes = new HashMap<>();
    Map<String, String> actions = new HashMap<>();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < PENDING; i += AT_ONCE) {
      List<CompletableFuture<Answer>> asking = new ArrayList<>();
      for (int j = i; j < i + AT_ONCE; j++) {
        JsonObject body = new JsonObject().put("session", "s" + j);
        asking.add(server.api().postLater("agent", "/v1/sandboxes", body));
      }
      for (CompletableFuture<Answer> one : asking) {
        Answer asked = one.join();
        assertEquals(202, asked.status(), asked.body().encode());
        JsonObject approval = asked.body().getJsonObject("approval");
        deadlines.put(approval.getString("id"), approval.getString("expiresAt"));
      }
    }
    for (int i = 0; i < RUN_AT_THE_KILL; i++) {
      String code = "echo run " + i;
      Answer asked = server.api().post("agent", "/v1/executions", Api.execution("bash", code));
      String id = asked.body().getString("approvalId");
      ids.add(id);
      codes.put(id, code);
      actions.put(id, asked.body().getString("id"));
      assertEquals(200, approve(server.api(), id).status());
    }

    // When
    List<CompletableFuture<Answer>> runs = new ArrayList<>();
    for (String id : ids) {
      runs.add(server.api().postLater("agent", "/v1/executions", body(codes, id)));
    }
    Eventually.eventually(
        "some have run",
        java.time.Duration.ofSeconds(60),
        () -> runs.stream().filter(CompletableFuture::isDone).count() >= 2);
    server.kill();
    server = ServerProcess.start(data, SETTINGS);

    // Then
    assertEquals(deadlines, pending(server.api()));
    for (String id : ids) {
      server.api().post("agent", "/v1/executions", body(codes, id));
      server.api().post("agent", "/v1/executions", body(codes, id));
    }
    for (String id : ids) {
      long started =
          server
              .api()
              .get("auditor", "/v1/audit?action=" + actions.get(id))
              .body()
              .getJsonArray("events")
              .stream()
              .filter(event -> ((JsonObject) event).getString("kind").equals("execution.started"))
              .count();
      assertTrue(started <= 1, codes.get(id) + " was started " + started + " times");
      assertEquals(
          "consumed",
          server.api().get("approver", "/v1/approvals/" + id).body().getString("state"));
    }
  }

  /** The deadlines of all that are pending, by id. */
  private static Map<String, String> pending(Api api) {
    Map<String, String> deadlines = new HashMap<>();
    String cursor = "";
    while (cursor != null) {
      JsonObject page = api.get("approver", "/v1/approvals?limit=500&cursor=" + cursor).body();
      for (Object one : page.getJsonArray("approvals")) {
        JsonObject approval = (JsonObject) one;
        assertEquals("pending", approval.getString("state"));
        deadlines.put(approval.getString("id"), approval.getString("expiresAt"));
      }
      cursor = page.getString("next");
    }
    return deadlines;
  }

  private static JsonObject body(Map<String, String> codes, String approval) {
    return Api.execution("bash", String.valueOf(codes.get(approval))).put("approval", approval);
  }

  private static Answer approve(Api api, String id) {
    return api.post(
        "approver",
        "/v1/approvals/" + id + "/decision",
        new JsonObject().put("decision", "approve"));
  }
}
