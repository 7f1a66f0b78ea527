package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another system answers in the names of persons, and signs what it says. */
class ApprovalCallbackIT {
  private static final Path SECRET = secretFile("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  private static final WebhookSecret OURS = WebhookSecret.read(SECRET);
  private static final WebhookSecret FOREIGN =
      WebhookSecret.read(secretFile("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/answers")
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL))
          .with(
              "GATEHOUSE_APPROVAL_CALLBACKS",
              "[{name: pager, approvers: [ada, cid, bot, nobody], secretFile: '" + SECRET + "'}]");

  private final Api api = SERVER.api();

  private static Path secretFile(String text) {
    try {
      return Files.writeString(Files.createTempFile("gatehouse", ".secret"), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  private String ask(String who, String command) {
    Answer asked = api.post(who, "/v1/executions", Api.execution("bash", command));
    assertEquals(202, asked.status(), asked.body().encode());
    return asked.body().getString("approvalId");
  }

  private JsonObject question(String id) {
    return api.get("ada", "/v1/approvals/" + id).body();
  }

  private JsonObject says(String id, String approver, String decision) {
    return new JsonObject()
        .put("approver", approver)
        .put("decision", decision)
        .put("reason", "by phone")
        .put("digest", question(id).getString("digest"));
  }

  private Answer call(String id, JsonObject body) {
    return call(id, body, UUID.randomUUID().toString(), Instant.now(), OURS);
  }

  private Answer call(
      String id, JsonObject body, String message, Instant time, WebhookSecret secret) {
    long seconds = time.getEpochSecond();
    String text = body.encode();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return api.send(
        unsigned(id, text)
            .header("webhook-id", message)
            .header("webhook-timestamp", Long.toString(seconds))
            .header("webhook-signature", secret.sign(message, seconds, bytes))
            .build());
  }

  private HttpRequest.Builder unsigned(String id, String body) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + api.port() + "/v1/approvals/" + id + "/callback"))
        .POST(BodyPublishers.ofString(body));
  }

  @Test
  void aSignedAnswerCountsAndTheLogNamesThePersonAndTheChannel() {
    // Given
    String id = ask("agent", "echo called");

    // When
    Answer answer = call(id, says(id, "ada", "approve"));

    // Then
    assertEquals(200, answer.status(), answer.body().encode());
    assertEquals("approved", answer.body().getString("state"));
    JsonObject body = Api.execution("bash", "echo called").put("approval", id);
    assertEquals("called\n", api.post("agent", "/v1/executions", body).body().getString("stdout"));
    JsonObject decided =
        api.get(
                "auditor",
                "/v1/audit?kind=approval.decided&action=" + question(id).getString("action"))
            .body()
            .getJsonArray("events")
            .getJsonObject(0);
    assertEquals("ada", decided.getString("actor"));
    assertEquals("webhook", decided.getJsonObject("detail").getString("channel"));
    assertEquals("callback:pager", decided.getJsonObject("detail").getString("key"));
    assertEquals("127.0.0.1", decided.getJsonObject("detail").getString("address"));
    assertEquals("by phone", decided.getJsonObject("detail").getString("reason"));
  }

  @Test
  void whatIsNotSignedSoIsRefused() {
    // Given
    String id = ask("agent", "echo forged");
    JsonObject body = says(id, "ada", "approve");
    Instant now = Instant.now();

    // When, then
    assertEquals("signature.missing", api.send(unsigned(id, body.encode()).build()).code());
    Answer withKey =
        api.send(unsigned(id, body.encode()).header("Authorization", "Bearer key-ada").build());
    assertEquals(401, withKey.status());
    assertEquals("signature.wrong", call(id, body, "m", now, FOREIGN).code());
    assertEquals("signature.wrong", call(id, body, "m", now.minusSeconds(310), OURS).code());
    assertEquals("signature.wrong", call(id, body, "m", now.plusSeconds(310), OURS).code());
    long seconds = now.getEpochSecond();
    String signature = OURS.sign("m", seconds, "{}".getBytes(StandardCharsets.UTF_8));
    Answer otherBody =
        api.send(
            unsigned(id, body.encode())
                .header("webhook-id", "m")
                .header("webhook-timestamp", Long.toString(seconds))
                .header("webhook-signature", signature)
                .build());
    assertEquals("signature.wrong", otherBody.code());
    Answer twice =
        api.send(
            unsigned(id, "{}")
                .header("webhook-id", "m")
                .header("webhook-timestamp", Long.toString(seconds))
                .header("webhook-signature", signature)
                .header("webhook-signature", signature)
                .build());
    assertEquals("signature.missing", twice.code());
    assertEquals("pending", question(id).getString("state"));
  }

  @Test
  void aMessageIsTakenOnce() {
    // Given: the second of two questions is answered with the message for the first.
    String id = ask("agent", "echo replay");
    JsonObject body = says(id, "cid", "approve");
    assertEquals(200, call(id, body, "once", Instant.now(), OURS).status());

    // When
    String other = ask("agent", "echo replayed");
    Answer again = call(other, says(other, "cid", "approve"), "once", Instant.now(), OURS);

    // Then
    assertEquals(409, again.status());
    assertEquals("callback.replayed", again.code());
    assertEquals("pending", question(other).getString("state"));
  }

  @Test
  void aMessageWhoseAnswerWasRefusedMayComeAgain() {
    // Given
    String id = ask("agent", "echo critical again");
    JsonObject body = says(id, "cid", "approve");
    body.remove("reason");

    // When
    Answer refused = call(id, body, "refused", Instant.now(), OURS);
    Answer again = call(id, body.put("reason", "why"), "refused", Instant.now(), OURS);

    // Then
    assertEquals("approval.reason-missing", refused.code(), refused.body().encode());
    assertEquals(200, again.status(), again.body().encode());
    assertEquals("callback.replayed", call(id, body, "refused", Instant.now(), OURS).code());
  }

  @Test
  void itSpeaksForItsPersonsAloneAndTheyMayNoMoreThanElsewhere() {
    // Given
    String id = ask("agent", "echo persons");
    String own = ask("ada-agent", "echo own");
    String databases = ask("agent", "echo database");

    // When, then
    for (String nobody : new String[] {"ben", "nobody", "bot", "eve"}) {
      Answer answer = call(id, says(id, nobody, "approve"));
      assertEquals(403, answer.status(), nobody);
      assertEquals("approval.not-asked", answer.code());
    }
    assertEquals("approval.own-action", call(own, says(own, "ada", "approve")).code());
    assertEquals("approval.not-asked", call(databases, says(databases, "ada", "approve")).code());
    assertEquals(
        "approved", call(databases, says(databases, "cid", "approve")).body().getString("state"));
    assertEquals("pending", question(id).getString("state"));
    assertEquals(
        List.of("callback:pager approver webhook own-action"), RefusedAnswers.to(api, own));
    assertEquals(4, RefusedAnswers.to(api, id).size());
  }

  @Test
  void anApprovalSaysWhatItIsOf() {
    // Given
    String id = ask("agent", "echo digest");
    JsonObject body = says(id, "ada", "approve");

    // When, then
    JsonObject without = body.copy();
    without.remove("digest");
    assertEquals("field.missing", call(id, without).code());
    assertEquals("approval.changed", call(id, body.copy().put("digest", "0".repeat(64))).code());
    assertEquals("field.unknown", call(id, body.copy().put("remember", true)).code());
    assertEquals("approval.not-found", call("nothing", body).code());
    JsonObject denial = says(id, "ada", "deny");
    denial.remove("digest");
    assertEquals("denied", call(id, denial).body().getString("state"));
    assertTrue(question(id).getJsonArray("answers").encode().contains("by phone"));
  }
}
