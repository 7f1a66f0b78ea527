package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Keys and tenants that ask for more than they may. Tokens come so slowly that no test sees one
 * come, but for the batch's.
 */
class AllowanceIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final List<String> KEYS =
      List.of("decider", "socket", "runner", "starter", "auditor", "batch", "burst", "explainer");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .behindOpenPolicy()
          .with("GATEHOUSE_LIMITS_KEY_DECISIONS_PER_SECOND", "0.001")
          .with("GATEHOUSE_LIMITS_KEY_DECISIONS_BURST", "3")
          .with("GATEHOUSE_LIMITS_KEY_EXECUTIONS_PER_SECOND", "0.001")
          .with("GATEHOUSE_LIMITS_KEY_EXECUTIONS_BURST", "3")
          .with("GATEHOUSE_LIMITS_KEY_EXECUTIONS", "1")
          .with("GATEHOUSE_KEYS", keys());

  private final Api api = SERVER.api();

  private static String keys() {
    Stream<String> entries =
        KEYS.stream()
            .map(name ->
                "{name: %s, role: %s, sha256: %s}"
                    .formatted(
                        name,
                        name.equals("auditor") ? "auditor" : "agent",
                        ApprovalKeys.sha256("key-" + name)));
    return "[" + String.join(", ", entries.toList()) + "]";
  }

  private TenantApi as(String name) {
    return new TenantApi(SERVER, "key-" + name);
  }

  private static JsonObject action() {
    return new JsonObject()
        .put("tool", "bash")
        .put("arguments", new JsonObject().put("command", "ls"));
  }

  private JsonArray refusals(String key) {
    Answer answer = as("auditor").get("/v1/audit?kind=limit.exceeded&actor=" + key);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getJsonArray("events");
  }

  private static void assertRefused(String code, Answer answer) {
    assertEquals(429, answer.status(), answer.body().encode());
    assertEquals(code, answer.code());
    assertEquals("key", answer.body().getString("reason"));
    int after = Integer.parseInt(answer.response().headers().firstValue("Retry-After").orElse("0"));
    assertTrue(after >= 1, "Retry-After: " + after);
  }

  @Test
  void decisionsAboveTheRateAreRefusedAndCountedInOneEvent() {
    // Given
    TenantApi decider = as("decider");
    for (int n = 0; n < 3; n++) {
      assertEquals(200, decider.post("/v1/decisions", action()).status());
    }

    // When
    List<Answer> refused =
        IntStream.range(0, 20).mapToObj(n -> decider.post("/v1/decisions", action())).toList();

    // Then
    refused.forEach(answer -> assertRefused("rate.exceeded", answer));
    Eventually.eventually("it is recorded", LIMIT, () -> !refusals("decider").isEmpty());
    assertEquals(1, refusals("decider").size());
    assertEquals(200, as("burst").post("/v1/decisions", action()).status());
  }

  @Test
  void explanationsCountAsDecisions() {
    // Given
    TenantApi explainer = as("explainer");
    for (int n = 0; n < 3; n++) {
      assertEquals(200, explainer.post("/v1/explain", action()).status());
    }

    // When
    Answer refused = explainer.post("/v1/explain", action());

    // Then
    assertRefused("rate.exceeded", refused);
  }

  @Test
  void decisionsByWebSocketAreRefusedOneByOneAndTheConnectionStays() {
    try (SocketClient client = SocketClient.open(api, "key-socket")) {
      // When
      List<String> ids =
          IntStream.range(0, 5).mapToObj(n -> client.request("decide", action())).toList();
      List<JsonObject> replies = ids.stream().map(client::reply).toList();

      // Then
      assertEquals(
          List.of(200, 200, 200, 429, 429),
          replies.stream().map(reply -> reply.getInteger("status")).toList());
      JsonObject refusal = replies.getLast().getJsonObject("body");
      assertEquals("rate.exceeded", refusal.getString("code"));
      assertTrue(refusal.getInteger("retryAfterSeconds") >= 1);
      assertFalse(client.isClosed());
    }
  }

  @Test
  void executionsAtOnceAreLimitedAndOneMoreMayRunWhenOneHasEnded() {
    // Given
    TenantApi runner = as("runner");
    JsonObject endless = Api.execution("bash", "read x").put("interactive", true);
    Answer begun = runner.post("/v1/executions?background=true", endless);
    assertEquals(201, begun.status(), begun.body().encode());

    // When
    Answer refused = runner.post("/v1/executions", Api.execution("bash", "echo x"));
    Answer other = as("burst").post("/v1/executions", Api.execution("bash", "echo x"));

    // Then
    assertRefused("quota.exceeded", refused);
    assertEquals(200, other.status(), other.body().encode());
    runner.delete("/v1/executions/" + begun.body().getString("id"));
    Eventually.eventually(
        "its place is free again",
        LIMIT,
        () -> {
          Answer again = runner.post("/v1/executions", Api.execution("bash", "echo x"));
          if (again.status() != 200) {
            assertEquals("quota.exceeded", again.code(), again.body().encode());
          }
          return again.status() == 200;
        });
  }

  @Test
  void executionsAboveTheRateAreRefusedWithoutATrace() {
    // Given
    TenantApi starter = as("starter");
    for (int n = 0; n < 3; n++) {
      Answer ran = starter.post("/v1/executions", Api.execution("bash", "echo x"));
      assertEquals(200, ran.status(), ran.body().encode());
    }

    // When
    Answer refused = starter.post("/v1/executions", Api.execution("bash", "echo x"));

    // Then
    assertRefused("rate.exceeded", refused);
    Answer begun = as("auditor").get("/v1/audit?kind=decision&actor=starter");
    assertEquals(3, begun.body().getJsonArray("events").size());
  }

  @Test
  void linesOfABatchThatWouldWaitForLongAreRefusedOneByOne() {
    // When
    String lines = (action().encode() + "\n").repeat(50);
    List<JsonObject> answers =
        api.lines(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + api.port() + "/v1/decisions:batch"))
                .header("Authorization", "Bearer key-batch")
                .POST(BodyPublishers.ofString(lines))
                .build());

    // Then
    assertEquals(50, answers.size());
    List<JsonObject> refused = answers.stream().filter(one -> one.containsKey("code")).toList();
    // Lines that are read together are refused together; as many as there are tokens may pass.
    assertTrue(refused.size() >= 47, answers.toString());
    refused.forEach(one -> assertEquals("rate.exceeded", one.getString("code")));
  }
}
