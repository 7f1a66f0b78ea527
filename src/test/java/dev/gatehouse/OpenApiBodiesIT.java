package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.gatehouse.Agreement.Reply;
import dev.gatehouse.InterfaceDocument.Operation;
import dev.gatehouse.config.WebhookSecret;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The server refuses the bodies that {@code openapi.json} refuses, and takes those that it takes:
 * whole bodies in which each constraint is broken once, sent to a server that asks a person about
 * what runs, so that nothing does. With this, no request has to be read a second time by its
 * schema.
 */
class OpenApiBodiesIT {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "1.5",
          "64",
          "65",
          "1000",
          "1001",
          "10000",
          "10001",
          "86400",
          "86401",
          "600000",
          "600001",
          "604800",
          "604801",
          "1e300",
          "[]",
          "{}",
          "[\"x\"]",
          "[1]",
          "{\"x\":\"y\"}",
          "{\"x\":1}",
          "\"\"",
          "\"x\"",
          "\" \"",
          "\"\\u0000\"",
          "\"\\u0001\"",
          "\"a=b\"",
          "\"python\"");

  private static final List<Integer> LENGTHS =
      List.of(256, 257, 2000, 2001, 65_536, 65_537, 131_072);

  /** The longest that some texts may be, and one more. */
  private static final List<Integer> LONGEST = List.of(1 << 20, (1 << 20) + 1);

  private static final Path SECRET = ApprovalKeys.callbackSecret();

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/answers")
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL))
          .with("GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "100000")
          .with("GATEHOUSE_APPROVAL_PENDING_PER_AGENT", "100000")
          .with("GATEHOUSE_LIMITS_PENDING_APPROVALS", "100000")
          .with(
              "GATEHOUSE_APPROVAL_CALLBACKS",
              "[{name: pager, approvers: [ada], secretFile: '" + SECRET + "'}]");

  private final Api api = SERVER.api();
  private final InterfaceDocument document = InterfaceDocument.read();
  private final Agreement agreement = new Agreement(api);
  private String question = "";
  private int questions;

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  @Test
  void theWholeBodiesHaveEveryFieldOfEveryOperation() {
    for (Operation operation : document.operations().values()) {
      Set<String> missing = new TreeSet<>();
      names(schema(operation), missing);
      Agreement.bodies(operation)
          .forEach(body ->
              everyPart(
                  "", body, (at, part) -> part.fieldNames().forEachRemaining(missing::remove)));

      assertEquals(Set.of(), missing, operation.id());
    }
  }

  private void names(JsonNode schema, Set<String> names) {
    document
        .resolved(schema)
        .path("properties")
        .properties()
        .forEach(entry -> {
          names.add(entry.getKey());
          names(entry.getValue(), names);
        });
  }

  private static JsonNode schema(Operation operation) {
    return operation.node().at("/requestBody/content/application~1json/schema");
  }

  @Test
  void bodiesAreRefusedWhereTheirSchemaRefusesThem() {
    for (Operation operation : document.operations().values()) {
      for (JsonNode body : Agreement.bodies(operation)) {
        assertEquals(List.of(), document.faults(schema(operation), body), operation.id());
        agree(operation, "as it is", body);
        JsonNode broken = body.deepCopy();
        everyPart(
            "", broken, (at, part) -> breakPart(part, what -> agree(operation, at + what, broken)));
      }
    }

    agreement.assertSame(300, 2000);
  }

  /** Changes one thing after the other, and changes it back. */
  private static void breakPart(JsonNode part, Consumer<String> changed) {
    if (part instanceof ObjectNode object) {
      object.put("no-such-field", "x");
      changed.accept(" with another field");
      object.remove("no-such-field");
      for (Map.Entry<String, JsonNode> entry : List.copyOf(object.properties())) {
        String name = entry.getKey();
        JsonNode before = entry.getValue();
        object.remove(name);
        changed.accept(" without " + name);
        for (JsonNode other : others(name, before)) {
          object.set(name, other);
          changed.accept("/" + name + " as " + shown(other));
        }
        object.set(name, before);
      }
    } else if (part instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        JsonNode before = array.get(i);
        for (JsonNode other : others("", before)) {
          array.set(i, other);
          changed.accept("/" + i + " as " + shown(other));
        }
        array.set(i, before);
      }
    }
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() > 40 ? text.length() + " characters" : text;
  }

  /** What a value is replaced by; long texts only where a text is expected. */
  private static List<JsonNode> others(String name, JsonNode before) {
    boolean longest = Set.of("code", "stdin", "command", "A").contains(name);
    Stream<Integer> lengths =
        before.isTextual()
            ? Stream.concat(LENGTHS.stream(), longest ? LONGEST.stream() : Stream.of())
            : Stream.of();
    return Stream.concat(
            VALUES.stream().map(InterfaceDocument::json),
            lengths.map(length -> (JsonNode) TextNode.valueOf("a".repeat(length))))
        .toList();
  }

  private void agree(Operation operation, String what, JsonNode body) {
    agreement.compare(
        operation.id() + " " + what,
        document.faults(schema(operation), body),
        send(operation, body));
  }

  private Reply send(Operation operation, JsonNode body) {
    boolean edits = body.path("edit").isObject();
    String path =
        Agreement.PLACES
            .matcher(operation.path())
            .replaceAll(edits ? question() : Agreement.NOBODY);
    if (operation.id().equals("answerByCallback")) {
      return agreement.send(signed(path, body.toString()));
    }
    // What is sent input while it runs is started like this.
    boolean spoken = body.has("pty") || body.path("interactive").asBoolean();
    Reply reply =
        agreement.send(
            agreement.request(
                operation, path + (spoken ? "?background=true" : ""), body.toString()));
    if (edits && reply.status() == 200) {
      question = "";
    }
    return reply;
  }

  /** One about bash that waits. */
  private String question() {
    if (question.isEmpty()) {
      JsonObject body = Api.execution("bash", "echo " + questions++);
      question = api.post("agent", "/v1/executions", body).body().getString("approvalId");
    }
    return question;
  }

  private HttpRequest signed(String path, String body) {
    String message = UUID.randomUUID().toString();
    long seconds = Instant.now().getEpochSecond();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
        .header("webhook-id", message)
        .header("webhook-timestamp", Long.toString(seconds))
        .header("webhook-signature", WebhookSecret.read(SECRET).sign(message, seconds, bytes))
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  /** Every object and list, from the outermost inwards. */
  private static void everyPart(String at, JsonNode part, BiConsumer<String, JsonNode> use) {
    use.accept(at, part);
    if (part instanceof ObjectNode object) {
      List.copyOf(object.properties())
          .forEach(entry -> everyPart(at + "/" + entry.getKey(), entry.getValue(), use));
    } else {
      for (int i = 0; i < part.size(); i++) {
        everyPart(at + "/" + i, part.get(i), use);
      }
    }
  }
}
