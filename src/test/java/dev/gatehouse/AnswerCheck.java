package dev.gatehouse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gatehouse.InterfaceDocument.Operation;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Holds answers of a real server to the document: status, headers, media type, body and code. */
final class AnswerCheck {
  /** What HTTP itself has; HTTP/2 has the status among the headers. */
  private static final Set<String> USUAL =
      Set.of(":status", "content-type", "content-length", "transfer-encoding", "connection");

  private final InterfaceDocument document;

  AnswerCheck(InterfaceDocument document) {
    this.document = document;
  }

  /**
   * As below, with the operation that the request is one of, if there is one: what is refused
   * before its path is looked at belongs to none.
   */
  void check(HttpRequest request, HttpResponse<String> response) {
    if (Set.of(405, 414, 431).contains(response.statusCode())) {
      return;
    }
    document
        .find(request.method(), request.uri().getRawPath())
        .ifPresent(operation ->
            check(operation, response.statusCode(), response.headers(), response.body()));
  }

  /**
   * Fails with everything in which an answer is other than described.
   *
   * @param body whole, or of a stream as many whole events or lines as were read
   */
  void check(Operation operation, int status, HttpHeaders headers, String body) {
    List<String> faults = new ArrayList<>();
    JsonNode response =
        document.resolved(operation.node().path("responses").path(Integer.toString(status)));
    if (response.isMissingNode()) {
      faults.add("the status is not described");
    } else {
      checkHeaders(response.path("headers"), headers, faults);
      checkBody(operation, status, response.path("content"), headers, body, faults);
    }
    if (!faults.isEmpty()) {
      String shown = body.substring(0, Math.min(2000, body.length()));
      throw new AssertionError(
          operation.id() + " " + status + ": " + String.join("; ", faults) + " in " + shown);
    }
  }

  private void checkHeaders(JsonNode described, HttpHeaders headers, List<String> faults) {
    Set<String> known = new TreeSet<>(USUAL);
    List<Map.Entry<String, JsonNode>> all = new ArrayList<>(described.properties());
    all.addAll(document.root().at("/components/x-headers-of-any-answer").properties());
    for (Map.Entry<String, JsonNode> entry : all) {
      String name = entry.getKey();
      JsonNode header = document.resolved(entry.getValue());
      known.add(name.toLowerCase(Locale.ROOT));
      Optional<String> value = headers.firstValue(name);
      if (value.isEmpty() && header.path("required").asBoolean()) {
        faults.add("the header " + name + " is missing");
      }
      value.ifPresent(text ->
          document
              .faults(header.get("schema"), typed(header.get("schema"), text))
              .forEach(fault -> faults.add("the header " + name + fault)));
    }
    headers.map().keySet().stream()
        .filter(name -> !known.contains(name.toLowerCase(Locale.ROOT)))
        .forEach(name -> faults.add("the header " + name + " is not described"));
  }

  /** A header or parameter as its schema's type has it; what cannot be that stays text. */
  static JsonNode typed(JsonNode schema, String value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (schema.path("type").asText()) {
      case "integer" ->
          value.matches("-?\\d{1,18}")
              ? nodes.numberNode(Long.parseLong(value))
              : nodes.textNode(value);
      case "boolean" ->
          value.equals("true") || value.equals("false")
              ? nodes.booleanNode(Boolean.parseBoolean(value))
              : nodes.textNode(value);
      default -> nodes.textNode(value);
    };
  }

  private void checkBody(
      Operation operation,
      int status,
      JsonNode content,
      HttpHeaders headers,
      String body,
      List<String> faults) {
    if (body.isEmpty()) {
      return;
    }
    String type = headers.firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
    JsonNode described = content.path(type);
    if (described.isMissingNode()) {
      faults.add("the media type " + type + " is not described");
      return;
    }
    switch (type) {
      case "application/json", "application/problem+json" -> {
        JsonNode value = InterfaceDocument.json(body);
        faults.addAll(document.faults(described.get("schema"), value));
        checkCode(operation, status, value, faults);
      }
      case "application/x-ndjson" ->
          body.lines()
              .forEach(line ->
                  faults.addAll(
                      document.faults(described.get("x-line"), InterfaceDocument.json(line))));
      case "text/event-stream" -> checkEvents(described.path("x-events"), body, faults);
      default -> {}
    }
  }

  private void checkCode(Operation operation, int status, JsonNode value, List<String> faults) {
    if (value.has("code")
        && !document
            .codes(operation)
            .getOrDefault(status, Set.of())
            .contains(value.get("code").asText())) {
      faults.add("the code " + value.get("code") + " is not described");
    }
  }

  private void checkEvents(JsonNode described, String body, List<String> faults) {
    for (String event : body.split("\n\n", -1)) {
      Map<String, String> fields = new HashMap<>();
      event
          .lines()
          .filter(line -> line.indexOf(": ") > 0)
          .forEach(line ->
              fields.put(
                  line.substring(0, line.indexOf(": ")), line.substring(line.indexOf(": ") + 2)));
      String data = fields.get("data");
      if (data == null) {
        continue;
      }
      JsonNode schema = described.path(fields.getOrDefault("event", "message"));
      if (schema.isMissingNode()) {
        faults.add("the event " + fields.get("event") + " is not described");
      } else {
        faults.addAll(document.faults(schema, InterfaceDocument.json(data)));
      }
    }
  }
}
