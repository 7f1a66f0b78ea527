package dev.gatehouse.audit;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The forms in which events leave the log. */
public enum EventFormat {
  NDJSON("application/x-ndjson", ""),
  CSV(
      "text/csv",
      "chain,sequence,recordedAt,occurredAt,kind,action,parent,tenant,session,actor,role,tool,risk,"
          + "outcome,rule,policy,sandbox,durationNanos,status,hash,detail\r\n"),
  /** Open Cybersecurity Schema Framework 1.6, class API Activity, one object a line. */
  OCSF("application/x-ndjson", "");

  private static final int API_ACTIVITY = 6003;
  private static final int OTHER = 99;

  private final String contentType;
  private final String header;

  EventFormat(String contentType, String header) {
    this.contentType = contentType;
    this.header = header;
  }

  public String contentType() {
    return contentType;
  }

  /** What stands before the first event. */
  public String header() {
    return header;
  }

  /** The format of that name. */
  public static EventFormat of(String word) {
    for (EventFormat format : values()) {
      if (format.name().toLowerCase(Locale.ROOT).equals(word)) {
        return format;
      }
    }
    throw new IllegalArgumentException("format must be ndjson, csv or ocsf");
  }

  /** One event with its end of line. */
  public String line(StoredEvent event) {
    return switch (this) {
      case NDJSON -> EventJson.line(event) + "\n";
      case CSV -> csv(event);
      case OCSF -> ocsf(event).encode() + "\n";
    };
  }

  private static String csv(StoredEvent stored) {
    AuditEvent event = stored.event();
    StringBuilder line = new StringBuilder();
    Object[] values = {
      stored.chain(),
      stored.sequence(),
      stored.recordedAt(),
      event.occurredAt(),
      event.kind().word(),
      event.action(),
      event.parent(),
      event.tenant(),
      event.session(),
      event.actor(),
      event.role(),
      event.tool(),
      event.risk(),
      event.outcome(),
      event.rule(),
      event.policy(),
      event.sandbox(),
      event.durationNanos(),
      event.status(),
      stored.hash(),
      event.detail()
    };
    for (int i = 0; i < values.length; i++) {
      line.append(i == 0 ? "" : ",").append(cell(values[i]));
    }
    return line.append("\r\n").toString();
  }

  private static String cell(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    String text = value.toString();
    // A spreadsheet would run what begins like this; what agents send must not become a formula.
    if (!text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 && value instanceof String) {
      text = "'" + text;
    }
    return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
        ? '"' + text.replace("\"", "\"\"") + '"'
        : text;
  }

  private static JsonObject ocsf(StoredEvent stored) {
    AuditEvent event = stored.event();
    boolean failed = "DENY".equals(event.outcome());
    return new JsonObject()
        .put("class_uid", API_ACTIVITY)
        .put("category_uid", 6)
        .put("activity_id", OTHER)
        .put("activity_name", event.kind().word())
        .put("type_uid", API_ACTIVITY * 100 + OTHER)
        .put("time", event.occurredAt().toEpochMilli())
        .put("severity_id", severity(event.risk()))
        .put("status_id", failed ? 2 : 1)
        .put("status_detail", event.status())
        .put("actor", new JsonObject().put("user", new JsonObject().put("name", event.actor())))
        .put("api", new JsonObject().put("operation", String.valueOf(event.tool())))
        .put(
            "metadata",
            new JsonObject()
                .put("version", "1.6.0")
                .put("uid", stored.chain() + ":" + stored.sequence())
                .put("event_code", event.kind().word())
                .put("tenant_uid", event.tenant())
                .put("correlation_uid", event.action())
                .put("logged_time", stored.recordedAt().toEpochMilli())
                .put(
                    "product",
                    new JsonObject().put("name", "Gatehouse").put("vendor_name", "Gatehouse")))
        .put("unmapped", new JsonObject(EventJson.line(stored)));
  }

  private static int severity(@Nullable String risk) {
    return switch (String.valueOf(risk)) {
      case "MEDIUM" -> 3;
      case "HIGH" -> 4;
      case "CRITICAL" -> 5;
      default -> 1;
    };
  }
}
