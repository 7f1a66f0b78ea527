package dev.gatehouse.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.gatehouse.action.EventKind;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event as one line of JSON from which it can be read back to the byte: the detail stands last,
 * and as it was stored.
 */
final class EventJson {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String DETAIL = "detail";

  private EventJson() {}

  static String line(StoredEvent stored) {
    StringWriter text = new StringWriter(512);
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      write(json, stored);
    } catch (IOException e) {
      throw new IllegalStateException("a string writer does not fail", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, StoredEvent stored) throws IOException {
    AuditEvent event = stored.event();
    json.writeStartObject();
    json.writeNumberField("chain", stored.chain());
    json.writeNumberField("sequence", stored.sequence());
    json.writeStringField("recordedAt", stored.recordedAt().toString());
    json.writeStringField("occurredAt", event.occurredAt().toString());
    Long duration = event.durationNanos();
    if (duration != null) {
      json.writeNumberField("durationNanos", duration);
    }
    text(json, "kind", event.kind().word());
    text(json, "action", event.action());
    text(json, "parent", event.parent());
    text(json, "tenant", event.tenant());
    text(json, "session", event.session());
    text(json, "actor", event.actor());
    text(json, "role", event.role());
    text(json, "tool", event.tool());
    text(json, "risk", event.risk());
    text(json, "outcome", event.outcome());
    text(json, "rule", event.rule());
    text(json, "policy", event.policy());
    text(json, "sandbox", event.sandbox());
    text(json, "status", event.status());
    text(json, "hash", stored.hash());
    json.writeFieldName(DETAIL);
    if (event.detail().indexOf('\n') < 0 && isObject(event.detail())) {
      json.writeRawValue(event.detail());
    } else {
      json.writeString(event.detail());
    }
    json.writeEndObject();
  }

  /**
   * Whether it is one JSON object, and nothing behind it: only that may stand in a line as it is.
   */
  private static boolean isObject(String text) {
    if (!text.startsWith("{")) {
      return false;
    }
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  private static void text(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  /**
   * Reads a line back.
   *
   * @throws IOException if it is not such a line
   */
  static StoredEvent read(String line) throws IOException {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = FACTORY.createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == JsonToken.START_OBJECT && name.equals(DETAIL)) {
          int start = (int) parser.currentTokenLocation().getCharOffset();
          parser.skipChildren();
          int end = (int) parser.currentLocation().getCharOffset();
          fields.put(DETAIL, line.substring(start, end));
        } else {
          parser.skipChildren();
          fields.put(name, parser.getText());
        }
      }
    }
    try {
      return event(fields);
    } catch (RuntimeException e) {
      throw new IOException("not an event: " + e.getMessage(), e);
    }
  }

  private static StoredEvent event(Map<String, String> fields) throws IOException {
    String duration = fields.get("durationNanos");
    return new StoredEvent(
        Long.parseLong(required(fields, "chain")),
        Long.parseLong(required(fields, "sequence")),
        Instant.parse(required(fields, "recordedAt")),
        required(fields, "hash"),
        new AuditEvent(
            Instant.parse(required(fields, "occurredAt")),
            EventKind.of(required(fields, "kind")),
            required(fields, "action"),
            fields.get("parent"),
            required(fields, "tenant"),
            fields.get("session"),
            fields.get("actor"),
            fields.get("role"),
            fields.get("tool"),
            fields.get("risk"),
            fields.get("outcome"),
            fields.get("rule"),
            fields.get("policy"),
            fields.get("sandbox"),
            duration == null ? null : Long.valueOf(duration),
            fields.get("status"),
            required(fields, DETAIL)));
  }

  private static String required(Map<String, String> fields, String name) throws IOException {
    String value = fields.get(name);
    if (value == null) {
      throw new IOException("the field " + name + " is missing");
    }
    return value;
  }
}
