package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the log tells of keys, settings and output, and what the agent gets back. */
class RecordIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String SECRET = "ghp_" + "0123456789abcdefghijABCDEFGHIJ";

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/recorded")
          .with(
              "GATEHOUSE_AUDIT_SINKS",
              "[{name: hook, kind: webhook, to: 'http://127.0.0.1:9/hidden-path'}]");

  private final Api api = SERVER.api();

  private JsonArray events(String query) {
    Answer answer = api.get("auditor", "/v1/audit?" + query);
    assertEquals(200, answer.status(), answer.body().encode());
    return answer.body().getJsonArray("events");
  }

  private Answer run(String code) {
    Answer answer =
        api.post(
            "agent",
            "/v1/executions",
            new JsonObject()
                .put("language", "python")
                .put("code", code)
                .put("stdin", "the input")
                .put("session", "recorded"));
    assertEquals(200, answer.status(), answer.body().encode());
    return answer;
  }

  private JsonArray story(Answer answer, String kind) {
    return events("action=" + answer.body().getString("id") + "&kind=" + kind);
  }

  /** Piece by piece a secret could slip by, cut in two. */
  @Test
  void aStreamTellsNothingBeforeItWasScanned() {
    // When
    String code = "print('" + SECRET.substring(0, 8) + "' + '" + SECRET.substring(8) + "')";
    JsonObject body = Api.execution("python", code).put("session", "scanned");
    List<JsonObject> lines =
        api.lines(
            api.request("agent", "/v1/executions?stream=true")
                .POST(BodyPublishers.ofString(body.encode()))
                .build());

    // Then
    assertEquals(1, lines.size(), lines.toString());
    String told = lines.getFirst().getString("stdout");
    assertTrue(told.startsWith("[redacted:github-token:"), told);
  }

  @Test
  void outputIsRecordedWholeAndWithoutSecretsWherePolicyWantsIt() {
    // When
    Answer answer =
        run(
            "print('x ' * 50_000 + '"
                + SECRET.substring(0, 8)
                + "' + '"
                + SECRET.substring(8)
                + "')");

    // Then
    JsonArray parts = story(answer, "execution.output");
    assertTrue(parts.size() > 1, "parts: " + parts.size());
    String text =
        parts.stream()
            .map(part -> ((JsonObject) part).getJsonObject("detail").getString("text"))
            .collect(Collectors.joining());
    assertTrue(text.startsWith("x x x ") && text.length() > 100_000, "chars: " + text.length());
    assertFalse(text.contains(SECRET));
    assertTrue(text.contains("[redacted:github-token:"));
    assertTrue(story(answer, "decision").encode().contains("the input"));
    assertEquals(1, story(answer, "execution.ended").size());
  }

  @Test
  void whatGoesBackToTheAgentIsScannedWherePolicyWantsIt() {
    // When
    Answer answer =
        run("print('" + SECRET.substring(0, 8) + "' + '" + SECRET.substring(8) + "', 'plain')");

    // Then
    String body = answer.body().encode();
    assertFalse(body.contains(SECRET), body);
    assertTrue(body.contains("[redacted:github-token:"), body);
    assertTrue(body.contains("plain"), body);
  }

  @Test
  void theStartRecordsTheSettingsWithoutWhatIsSecret() {
    JsonArray configuration = events("tenant=(server)&kind=configuration");

    assertEquals(1, configuration.size());
    JsonObject detail = configuration.getJsonObject(0).getJsonObject("detail");
    assertEquals(64, detail.getString("hmac").length());
    JsonObject audit = detail.getJsonObject("settings").getJsonObject("audit");
    assertEquals("before-reply", audit.getString("durability"));
    assertEquals("http://127.0.0.1", audit.getJsonArray("sinks").getJsonObject(0).getString("to"));
  }

  @Test
  void keysThatAreUsedAndRefusedAreRecorded() throws Exception {
    // When
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 50; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + "/v1/audit"))
                .header("Authorization", "Bearer nobody-has-this-" + i)
                .build();
        assertEquals(401, client.send(request, BodyHandlers.discarding()).statusCode());
      }
    }

    // Then
    Eventually.eventually(
        "the refusal is recorded",
        LIMIT,
        () -> !events("tenant=(server)&kind=key.refused").isEmpty());
    JsonArray refused = events("tenant=(server)&kind=key.refused");
    assertEquals(1, refused.size(), refused.encode());
    assertFalse(refused.encode().contains("nobody-has-this"));
    Eventually.eventually(
        "the use is recorded", LIMIT, () -> !events("kind=key.used&actor=auditor").isEmpty());
    assertEquals(1, events("kind=key.used&actor=auditor").size());
  }

  @Test
  void anApprovalThatNobodyGivesIsRecordedFromItsRequestToItsEnd() {
    // When
    Answer answer =
        api.post(
            "agent",
            "/v1/executions",
            new JsonObject()
                .put("language", "javascript")
                .put("code", "1")
                .put("session", "asked"));

    // Then
    assertEquals(202, answer.status(), answer.body().encode());
    assertEquals(1, events("session=asked&kind=approval.requested").size());
    Eventually.eventually(
        "the end is recorded",
        LIMIT,
        () -> !events("session=asked&kind=approval.expired").isEmpty());
  }
}
