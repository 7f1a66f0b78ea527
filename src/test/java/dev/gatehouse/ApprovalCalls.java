package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/** Calls every operation on questions and on what is remembered of them. */
final class ApprovalCalls {
  private final InterfaceDocument document;
  private final DescribedCalls calls;
  private final WebhookSecret secret;

  /**
   * @param secret what the server's callback signs with
   */
  ApprovalCalls(InterfaceDocument document, DescribedCalls calls, WebhookSecret secret) {
    this.document = document;
    this.calls = calls;
    this.secret = secret;
  }

  void approvals() {
    String id = ask("echo deploy 1");
    calls.as("ada", "listApprovals").query("state=pending&limit=1").expect(200);
    calls.as("ada", "getApproval").at("id", id).query("wait=1ms").expect(200);
    calls.as("agent", "getApproval").at("id", id).expect(200);
    calls.as("ada", "claimApproval").at("id", id).expect(200);
    calls.as("ada", "previewApproval").at("id", id).expect(200);
    calls.as("ada", "getApproval").at("id", id).expect(200);
    calls.as("ada", "decideApproval").at("id", id).example("edit").expect(200);
    JsonObject ran =
        calls
            .as("agent", "execute")
            .body(Api.execution("bash", "echo deploy 1").put("approval", id))
            .expect(200);
    assertEquals("ada", ran.getJsonObject("edit").getString("by"));
    calls
        .as("agent", "execute")
        .body(Api.execution("bash", "echo deploy 1").put("approval", id))
        .expect(409, "approval.consumed");
    calls.as("ada", "decideApproval").at("id", ask("echo deploy 2")).example("approve").expect(200);
    String denied = ask("echo deploy 3");
    calls.as("ada", "decideApproval").at("id", denied).example("deny").expect(200);
    calls
        .as("agent", "execute")
        .body(Api.execution("bash", "echo deploy 3").put("approval", denied))
        .expect(403, "approval.denied");
    String withdrawn = ask("echo deploy 4");
    calls.as("agent", "withdrawApproval").at("id", withdrawn).expect(200);
    calls
        .as("ada", "decideApproval")
        .at("id", withdrawn)
        .example("deny")
        .expect(409, "approval.too-late");
    calls.as("ada", "watchApprovals").query("after=0.0").events("decided");
    callback(ask("echo deploy 5"));
  }

  private void callback(String id) {
    String body =
        Objects.requireNonNull(
                document.requestExamples(document.operation("answerByCallback")).get("deny"))
            .toString();
    String message = UUID.randomUUID().toString();
    long seconds = Instant.now().getEpochSecond();
    String signature = secret.sign(message, seconds, body.getBytes(StandardCharsets.UTF_8));
    calls.as("", "answerByCallback").at("id", id).example("deny").expect(401, "signature.missing");
    calls
        .as("", "answerByCallback")
        .at("id", id)
        .header("webhook-id", message)
        .header("webhook-timestamp", Long.toString(seconds))
        .header("webhook-signature", signature)
        .example("deny")
        .expect(200);
  }

  void remembered() {
    String id = ask("make deploy");
    calls.as("ada", "offerRemembering").at("id", id).example("session").expect(200);
    JsonObject decided =
        calls.as("ada", "decideApproval").at("id", id).example("remember").expect(200);
    String memory = decided.getJsonObject("remembered").getString("id");
    calls.as("auditor", "listRemembered").query("limit=1").expect(200);
    calls.as("ada", "getRemembered").at("id", memory).expect(200);
    assertTrue(
        calls
            .as("ada", "testRemembered")
            .at("id", memory)
            .example("same")
            .expect(200)
            .containsKey("holds"));
    calls.as("ada", "revokeRemembered").at("id", memory).expect(200);
    calls.as("ada", "getRemembered").at("id", "none").expect(404, "approval.not-found");
  }

  private String ask(String command) {
    return calls
        .as("agent", "execute")
        .body(Api.execution("bash", command))
        .expect(202)
        .getString("approvalId");
  }
}
