package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Api.Answer;
import dev.gatehouse.config.TotpSecret;
import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.json.JsonArray;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where the risk is critical a key alone is not enough for who has an authenticator. */
class ApprovalCodeIT {
  private static final Path ADAS = file("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  private static final Path EVES = file("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
  private static final Path GILS = file("ZYXWVUTSRQPONMLKJIHGFEDCBA765432");
  private static final Path CALLBACK = file("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  private static final List<String> KEYS =
      List.of(
          "agent agent bot",
          "ada approver ada",
          "ada-too approver ada",
          "eve approver eve",
          "gil approver gil",
          "dan approver dan",
          "auditor auditor au");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/answers")
          .with("GATEHOUSE_KEYS", keys())
          .with(
              "GATEHOUSE_APPROVAL_CALLBACKS",
              "[{name: pager, approvers: [gil], secretFile: '" + CALLBACK + "'}]");

  private final Api api = SERVER.api();
  private final TotpSecret authenticator = TotpSecret.read(ADAS);

  private static Path file(String secret) {
    try {
      return Files.writeString(Files.createTempFile("gatehouse", ".totp"), secret);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String keys() {
    JsonArray keys = new JsonArray(ApprovalKeys.setting(KEYS));
    keys.getJsonObject(1).put("totpFile", ADAS.toString());
    keys.getJsonObject(3).put("totpFile", EVES.toString());
    keys.getJsonObject(4).put("totpFile", GILS.toString());
    return keys.encode();
  }

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(KEYS, SERVER.data());
  }

  private String ask(String command) {
    Answer asked = api.post("agent", "/v1/executions", Api.execution("bash", command));
    assertEquals(202, asked.status(), asked.body().encode());
    return asked.body().getString("approvalId");
  }

  private Answer decide(String who, String id, JsonObject more) {
    return api.post(
        who,
        "/v1/approvals/" + id + "/decision",
        new JsonObject().put("decision", "approve").put("reason", "seen").mergeIn(more));
  }

  private static JsonObject code(String code) {
    return new JsonObject().put("code", code);
  }

  private static String other(String code) {
    return (code.charAt(0) == '0' ? "1" : "0") + code.substring(1);
  }

  @Test
  void whatIsCriticalNeedsARightCodeThatWasNotUsed() {
    // Given
    String id = ask("echo critical");
    String second = ask("echo critical, too");
    String third = ask("echo critical again");
    Instant now = Instant.now();
    String code = authenticator.code(now);
    String next = authenticator.code(now.plusSeconds(30));

    // When, then
    Answer missing = decide("ada", id, new JsonObject());
    assertEquals(403, missing.status());
    assertEquals("approval.code-missing", missing.code());
    assertEquals("approval.code-missing", decide("ada-too", id, new JsonObject()).code());
    assertEquals("approval.code-wrong", decide("ada", id, code(other(code))).code());
    JsonObject withoutReason = code(code).put("reason", " ");
    assertEquals("approval.reason-missing", decide("ada", id, withoutReason).code());
    assertEquals("approved", decide("ada", id, code(code)).body().getString("state"));
    assertEquals("approval.code-wrong", decide("ada-too", second, code(code)).code());
    assertEquals("approved", decide("ada-too", second, code(next)).body().getString("state"));
    assertEquals("approval.code-wrong", decide("ada", third, code(code)).code());
    JsonObject denial = new JsonObject().put("decision", "deny");
    assertEquals("denied", decide("ada", third, denial).body().getString("state"));
  }

  @Test
  void anotherSystemNeedsThePersonsCodeTooAndMayTryAgainWithTheSameMessage() {
    // Given
    String id = ask("echo critical by pager");
    String digest = api.get("ada", "/v1/approvals/" + id).body().getString("digest");
    JsonObject body =
        new JsonObject()
            .put("approver", "gil")
            .put("decision", "approve")
            .put("reason", "by phone")
            .put("digest", digest);
    String code = TotpSecret.read(GILS).code(Instant.now());

    // When, then
    assertEquals("approval.code-missing", call(id, body).code());
    assertEquals("approval.code-wrong", call(id, body.put("code", other(code))).code());
    assertEquals("approved", call(id, body.put("code", code)).body().getString("state"));
    assertEquals("callback.replayed", call(id, body).code());
  }

  /** Always the same message, signed anew. */
  private Answer call(String id, JsonObject body) {
    String text = body.encode();
    long seconds = Instant.now().getEpochSecond();
    String signature =
        WebhookSecret.read(CALLBACK)
            .sign("message", seconds, text.getBytes(StandardCharsets.UTF_8));
    return api.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + api.port() + "/v1/approvals/" + id + "/callback"))
            .header("webhook-id", "message")
            .header("webhook-timestamp", Long.toString(seconds))
            .header("webhook-signature", signature)
            .POST(BodyPublishers.ofString(text))
            .build());
  }

  @Test
  void nobodyElseAndNothingLessIsAskedForOne() {
    // When, then
    assertEquals(
        "approved",
        decide("dan", ask("echo critical for dan"), new JsonObject()).body().getString("state"));
    assertEquals(
        "approved",
        decide("ada", ask("echo not so bad"), new JsonObject()).body().getString("state"));
    String id = ask("echo edited");
    JsonObject edit =
        new JsonObject().put("edit", new JsonObject().put("command", "echo critical edit"));
    assertEquals("approval.code-missing", decide("ada", id, edit).code());
  }

  @Test
  void whoGuessesIsStoppedAndHisRightCodesToo() {
    // Given
    String id = ask("echo critical guess");
    TotpSecret eves = TotpSecret.read(EVES);
    for (int i = 0; i < 5; i++) {
      assertEquals(
          "approval.code-wrong", decide("eve", id, code(other(eves.code(Instant.now())))).code());
    }

    // When
    Answer stopped = decide("eve", id, code(eves.code(Instant.now())));

    // Then
    assertEquals(429, stopped.status());
    assertEquals("approval.codes", stopped.code());
    assertTrue(stopped.response().headers().firstValue("Retry-After").isPresent());
    assertEquals("pending", api.get("dan", "/v1/approvals/" + id).body().getString("state"));
  }
}
