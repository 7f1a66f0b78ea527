package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** With {@code audit.decisions: off} plain decisions leave nothing, and all else what it did. */
class DecisionsOffIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/unrecorded")
          .with("GATEHOUSE_AUDIT_DECISIONS", "off")
          .with(
              "GATEHOUSE_AUDIT_ALERTS",
              "[{name: denials, kind: decision, tool: counted, outcome: DENY, count: 2}]");

  private final Api api = SERVER.api();
  private final String session = UUID.randomUUID().toString();

  private JsonObject action(String tool, String command) {
    return new JsonObject()
        .put("tool", tool)
        .put("arguments", new JsonObject().put("command", command))
        .put("session", session);
  }

  private String decide(String tool, String command) {
    Answer answer = api.post("agent", "/v1/decisions", action(tool, command));
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getString("outcome");
  }

  private JsonArray events(String query) {
    Answer answer = api.get("auditor", "/v1/audit?" + query);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getJsonArray("events");
  }

  private int recorded(String kind) {
    return events("session=" + session + "&kind=" + kind).size();
  }

  @Test
  void plainDecisionsLeaveNothing() {
    // When
    String allowed = decide("bash", "harmless");
    String denied = decide("bash", "forbidden");

    // Then
    assertEquals("ALLOW", allowed);
    assertEquals("DENY", denied);
    assertEquals(0, recorded("decision"));
  }

  @Test
  void plainDecisionsInBatchesLeaveNothing() {
    // When
    String lines = action("bash", "harmless").encode() + "\n" + action("bash", "forbidden");
    var answers =
        api.lines(
            api.request("agent", "/v1/decisions:batch")
                .POST(BodyPublishers.ofString(lines + "\n"))
                .build());

    // Then
    assertEquals("ALLOW", answers.getFirst().getString("outcome"));
    assertEquals("DENY", answers.getLast().getString("outcome"));
    assertEquals(0, recorded("decision"));
  }

  @Test
  void plainDecisionsByWebSocketLeaveNothing() {
    try (SocketClient client = SocketClient.as(api, "agent")) {
      // When
      client.ask(200, "decide", action("bash", "harmless"));
      client.ask(200, "decide", action("bash", "forbidden"));

      // Then
      assertEquals(0, recorded("decision"));
    }
  }

  @Test
  void thatAPersonMustBeAskedIsRecorded() {
    // When
    String asked = decide("bash", "anything");

    // Then
    assertEquals("ASK", asked);
    assertEquals(1, recorded("decision"));
  }

  @Test
  void whatPolicyWantsInFullIsRecorded() {
    // When
    String allowed = decide("whole", "x");

    // Then
    assertEquals("ALLOW", allowed);
    assertEquals(1, recorded("decision"));
  }

  @Test
  void whatAnAlertCountsIsRecordedAndRaisesIt() {
    // When
    decide("counted", "harmless");
    decide("counted", "forbidden");
    decide("counted", "forbidden");

    // Then
    assertEquals(2, recorded("decision"));
    Eventually.eventually("the alert is raised", LIMIT, () -> recorded("alert") == 1);
  }

  @Test
  void whatRunsIsRecordedFromItsDecisionToItsEnd() {
    // When
    Answer ran = api.post("agent", "/v1/executions", run("echo harmless"));

    // Then
    assertEquals(200, ran.status(), ran.body().encode());
    assertEquals(1, recorded("decision"));
    assertEquals(1, recorded("execution.started"));
    assertEquals(1, recorded("execution.ended"));
  }

  @Test
  void thatSomethingMayNotRunIsRecorded() {
    // When
    Answer denied = api.post("agent", "/v1/executions", run("echo forbidden"));

    // Then
    assertEquals("policy.denied", denied.code(), denied.body().encode());
    assertEquals(1, recorded("decision"));
  }

  @Test
  void aQuestionToAPersonIsRecorded() {
    // When
    Answer asked = api.post("agent", "/v1/executions", run("echo anything"));

    // Then
    assertEquals(202, asked.status(), asked.body().encode());
    assertEquals(1, recorded("decision"));
    assertEquals(1, recorded("approval.requested"));
  }

  @Test
  void aRefusedKeyIsRecorded() {
    // When
    int status =
        api.send(
                api.request("agent", "/v1/audit")
                    .setHeader("Authorization", "Bearer nobody-has-this")
                    .build())
            .status();

    // Then
    assertEquals(401, status);
    Eventually.eventually(
        "the refusal is recorded",
        LIMIT,
        () -> !events("tenant=(server)&kind=key.refused").isEmpty());
  }

  @Test
  void itCanBeSeenThatDecisionsAreNotRecorded() {
    assertEquals(
        "off", api.get("agent", "/readyz").body().getJsonObject("audit").getString("decisions"));
    JsonArray starts = events("tenant=(server)&kind=configuration");
    assertFalse(starts.isEmpty());
    assertEquals(
        "off",
        starts
            .getJsonObject(0)
            .getJsonObject("detail")
            .getJsonObject("settings")
            .getJsonObject("audit")
            .getString("decisions"));
  }

  private JsonObject run(String code) {
    return new JsonObject().put("language", "bash").put("code", code).put("session", session);
  }
}
