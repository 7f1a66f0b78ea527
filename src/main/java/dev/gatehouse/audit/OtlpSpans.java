package dev.gatehouse.audit;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events that took time, as spans of OpenTelemetry's protocol in JSON. A span belongs to the trace
 * that the caller told, below the caller's span; where he told none, all spans of an action, and of
 * those under it, are a trace of their own. The same event is always the same span: who gets it
 * twice has it once.
 */
final class OtlpSpans {
  private static final int TRACE_BYTES = 16;
  private static final int SPAN_BYTES = 8;
  private static final int KIND_SERVER = 2;
  private static final int STATUS_ERROR = 2;

  private OtlpSpans() {}

  /** What is posted; null where none of the events took time. */
  static @Nullable JsonObject of(List<StoredEvent> events, String node) {
    JsonArray spans = new JsonArray();
    for (StoredEvent stored : events) {
      if (stored.event().durationNanos() != null) {
        spans.add(span(stored.event(), stored.event().durationNanos()));
      }
    }
    return spans.isEmpty()
        ? null
        : new JsonObject()
            .put(
                "resourceSpans",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("resource", Receivers.resource(node))
                            .put(
                                "scopeSpans",
                                new JsonArray().add(new JsonObject().put("spans", spans)))));
  }

  private static JsonObject span(AuditEvent event, long durationNanos) {
    JsonObject detail = event.detailJson();
    String parent = detail.getValue("spanId") instanceof String id ? id : null;
    String trace = detail.getValue("traceId") instanceof String id ? id : ownTrace(event);
    long end = ChronoUnit.NANOS.between(Instant.EPOCH, event.occurredAt());
    JsonObject span =
        new JsonObject()
            .put("traceId", trace)
            .put("spanId", id(event.action() + " " + event.kind().word(), SPAN_BYTES))
            .put("name", event.kind().word() + " " + event.tool())
            .put("kind", KIND_SERVER)
            .put("startTimeUnixNano", Long.toString(end - durationNanos))
            .put("endTimeUnixNano", Long.toString(end))
            .put("attributes", attributes(event));
    if (parent != null) {
      span.put("parentSpanId", parent);
    }
    if ("DENY".equals(event.outcome())) {
      span.put("status", new JsonObject().put("code", STATUS_ERROR).put("message", "denied"));
    }
    return span;
  }

  private static String ownTrace(AuditEvent event) {
    return id(event.parent() == null ? event.action() : event.parent(), TRACE_BYTES);
  }

  private static JsonArray attributes(AuditEvent event) {
    JsonArray attributes = new JsonArray();
    add(attributes, "gatehouse.action", event.action());
    add(attributes, "gatehouse.tenant", event.tenant());
    add(attributes, "gatehouse.session", event.session());
    add(attributes, "gatehouse.actor", event.actor());
    add(attributes, "gatehouse.risk", event.risk());
    add(attributes, "gatehouse.outcome", event.outcome());
    add(attributes, "gatehouse.rule", event.rule());
    add(attributes, "gatehouse.sandbox", event.sandbox());
    add(attributes, "gatehouse.status", event.status());
    return attributes;
  }

  private static void add(JsonArray attributes, String key, @Nullable String value) {
    if (value != null) {
      attributes.add(Receivers.attribute(key, value));
    }
  }

  private static String id(String of, int bytes) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(of.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
