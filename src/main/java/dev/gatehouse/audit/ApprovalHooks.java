package dev.gatehouse.audit;

import dev.gatehouse.config.AuditSettings;
import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Tells somebody elsewhere what becomes of approvals: one signed message each, as Standard Webhooks
 * have it. A message that is sent again has the same id.
 */
final class ApprovalHooks implements Receiver {
  private static final String APPROVALS = "approval.";

  private final HttpClientAgent http;
  private final String url;
  private final WebhookSecret secret;

  ApprovalHooks(HttpClientAgent http, AuditSettings.Sink sink) {
    this.http = http;
    this.url = sink.to();
    this.secret =
        sink.secret().orElseThrow(() -> new IllegalStateException(sink.name() + " has no secret"));
  }

  @Override
  public Future<Void> deliver(List<StoredEvent> events) {
    Future<Void> done = Future.succeededFuture();
    for (StoredEvent event : events) {
      if (wants(event)) {
        done = done.compose(before -> send(event));
      }
    }
    return done;
  }

  @Override
  public boolean takesEach() {
    return true;
  }

  @Override
  public boolean wants(StoredEvent event) {
    return event.event().kind().word().startsWith(APPROVALS);
  }

  private Future<Void> send(StoredEvent stored) {
    String id = "evt_" + stored.chain() + "_" + stored.sequence();
    long now = Instant.now().getEpochSecond();
    JsonObject message =
        new JsonObject()
            .put("type", stored.event().kind().word())
            .put("timestamp", stored.event().occurredAt().toString())
            .put("data", new JsonObject(EventJson.line(stored)));
    Buffer body = message.toBuffer();
    return Receivers.post(
        http,
        url,
        Map.of(
            "Content-Type",
            "application/json",
            WebhookSecret.ID,
            id,
            WebhookSecret.TIMESTAMP,
            Long.toString(now),
            WebhookSecret.SIGNATURE,
            secret.sign(id, now, body.getBytes())),
        body);
  }
}
