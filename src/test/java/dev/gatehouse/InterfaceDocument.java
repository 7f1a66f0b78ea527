package dev.gatehouse;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * {@code openapi.json} as tests read it: operations by their ids, and values against its schemas.
 * Where a schema names fields and says nothing of others, there must be no others: what the
 * document promises to add later is not there yet.
 */
final class InterfaceDocument {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "delete");
  private static final String SCHEMAS = "#/components/schemas/";

  /**
   * One operation.
   *
   * @param parameters those of its path, too
   */
  record Operation(
      String id, String method, String path, JsonNode node, List<JsonNode> parameters) {
    private boolean matches(String asked) {
      return asked.matches(form(path).replace("{}", "[^/]+"));
    }
  }

  private final JsonNode document;
  private final ObjectNode closed;
  private final Map<String, Operation> operations = new LinkedHashMap<>();
  private final Validator validator = new ValidatorFactory().createValidator();
  private final Map<JsonNode, URI> schemas = new HashMap<>();

  private InterfaceDocument(JsonNode document) {
    this.document = document;
    this.closed = (ObjectNode) closed(document.at("/components/schemas").deepCopy());
    document
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .fieldNames()
                .forEachRemaining(method -> {
                  if (METHODS.contains(method)) {
                    add(path.getKey(), method, path.getValue());
                  }
                }));
  }

  /** The one in the jar. */
  static InterfaceDocument read() {
    try (InputStream in =
        InterfaceDocument.class.getResourceAsStream("/dev/gatehouse/http/openapi.json")) {
      return of(new String(Objects.requireNonNull(in).readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static InterfaceDocument of(String text) {
    return new InterfaceDocument(json(text));
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + text, e);
    }
  }

  private void add(String path, String method, JsonNode item) {
    JsonNode node = item.get(method);
    List<JsonNode> parameters = new ArrayList<>();
    item.path("parameters").forEach(one -> parameters.add(resolved(one)));
    node.path("parameters").forEach(one -> parameters.add(resolved(one)));
    String id = node.path("operationId").asText();
    if (operations.put(id, new Operation(id, method, path, node, parameters)) != null) {
      throw new AssertionError("two operations are called " + id);
    }
  }

  JsonNode root() {
    return document;
  }

  Map<String, Operation> operations() {
    return operations;
  }

  Operation operation(String id) {
    return Objects.requireNonNull(operations.get(id), id);
  }

  /** The operation that a request is one of, if there is one. */
  Optional<Operation> find(String method, String path) {
    return operations.values().stream()
        .filter(operation -> operation.method().equalsIgnoreCase(method) && operation.matches(path))
        .max(Comparator.comparingInt(operation -> form(operation.path()).length()));
  }

  /** What a reference stands for; anything else is itself. */
  JsonNode resolved(JsonNode node) {
    if (!node.has("$ref")) {
      return node;
    }
    JsonNode found = document.at(node.get("$ref").asText().substring(1));
    if (found.isMissingNode()) {
      throw new AssertionError("nothing is at " + node);
    }
    return found;
  }

  /** The stable codes of an operation's problems, by status. */
  Map<Integer, Set<String>> codes(Operation operation) {
    Map<Integer, Set<String>> codes = new TreeMap<>();
    operation
        .node()
        .path("x-problem-groups")
        .forEach(name -> addCodes(group(name.asText()), codes));
    addCodes(operation.node().path("x-problem-codes"), codes);
    return codes;
  }

  private JsonNode group(String name) {
    JsonNode group = document.at("/components/x-problem-groups").path(name);
    if (group.isMissingNode()) {
      throw new AssertionError("no group of codes is called " + name);
    }
    return group;
  }

  private static void addCodes(JsonNode byStatus, Map<Integer, Set<String>> codes) {
    byStatus
        .properties()
        .forEach(entry ->
            entry
                .getValue()
                .forEach(code ->
                    codes
                        .computeIfAbsent(Integer.valueOf(entry.getKey()), status -> new TreeSet<>())
                        .add(code.asText())));
  }

  /** The examples of an operation's request, by name. */
  Map<String, JsonNode> requestExamples(Operation operation) {
    Map<String, JsonNode> examples = new LinkedHashMap<>();
    operation
        .node()
        .at("/requestBody/content")
        .forEach(body ->
            body.path("examples")
                .properties()
                .forEach(one -> examples.put(one.getKey(), one.getValue().get("value"))));
    return examples;
  }

  /** What a schema has against a value; nothing where it fits. */
  synchronized List<String> faults(JsonNode schema, JsonNode value) {
    URI uri = schemas.computeIfAbsent(schema, this::register);
    return validator.validate(uri, value).getErrors().stream()
        .map(error -> error.getInstanceLocation() + " " + error.getError())
        .toList();
  }

  private URI register(JsonNode schema) {
    ObjectNode whole = JSON.createObjectNode();
    whole.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    whole.putArray("allOf").add(closed(schema.deepCopy()));
    whole.set("$defs", closed);
    return validator.registerSchema(whole.toString().replace(SCHEMAS, "#/$defs/"));
  }

  /** The same, with no fields but those that are named where some are. */
  private static JsonNode closed(JsonNode schema) {
    schema.forEach(InterfaceDocument::closed);
    if (schema instanceof ObjectNode object
        && object.has("properties")
        && !object.has("additionalProperties")
        && isObject(object.path("type"))) {
      object.put("additionalProperties", false);
    }
    return schema;
  }

  private static boolean isObject(JsonNode type) {
    if (type instanceof ArrayNode array) {
      for (JsonNode one : array) {
        if (one.asText().equals("object")) {
          return true;
        }
      }
    }
    return type.isTextual() && type.asText().equals("object");
  }

  /** A path with its parameters' names taken out, so that two of one form are the same. */
  static String form(String path) {
    return Pattern.compile("\\{[^}]*}").matcher(path).replaceAll("{}");
  }
}
