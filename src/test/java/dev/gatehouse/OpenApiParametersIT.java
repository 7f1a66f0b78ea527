package dev.gatehouse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gatehouse.Agreement.Reply;
import dev.gatehouse.InterfaceDocument.Operation;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server refuses the parameters that {@code openapi.json} refuses, and takes the others. */
class OpenApiParametersIT {
  private static final List<String> VALUES =
      List.of(
          "x", "0", "1", "-1", "1.5", "500", "501", "1000", "1001", "true", "false", "asc",
          "running", "paused", "pending", "tool", "hour", "ndjson", "csv", "30s", "1ms", "1m",
          "0-0", "a=b", "644", "0644", "1777", "888");

  /** Parameters whose meaning alone decides: places, times, and whose log it is. */
  private static final Set<String> OPAQUE = Set.of("cursor", "tenant", "from", "to", "path");

  /** What stands in the place of those that must be there while another one is tried. */
  private static final Map<String, String> NEEDED =
      Map.of("path", "/workspace/a", "to", "/workspace/b");

  /** Two have no end where they are taken, one has no body that would say why not. */
  private static final Set<String> LEFT_OUT = Set.of("watchApprovals", "tailEvents", "headFile");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .withNothingReady()
          .with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/answers")
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL));

  private final InterfaceDocument document = InterfaceDocument.read();
  private final Agreement agreement = new Agreement(SERVER.api());

  @BeforeAll
  static void writeKeys() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
  }

  @Test
  void parametersAreRefusedWhereTheirSchemaRefusesThem() {
    for (Operation operation : document.operations().values()) {
      for (JsonNode parameter : operation.parameters()) {
        if (parameter.get("in").asText().equals("query") && !LEFT_OUT.contains(operation.id())) {
          VALUES.forEach(value -> agree(operation, parameter, value));
        }
      }
    }

    agreement.assertSame(1000, 500);
  }

  private void agree(Operation operation, JsonNode parameter, String value) {
    String name = parameter.get("name").asText();
    StringBuilder query = new StringBuilder("?" + name + "=" + encoded(value));
    NEEDED.forEach((other, usual) -> {
      if (!other.equals(name) && isNeeded(operation, other)) {
        query.append('&').append(other).append('=').append(encoded(usual));
      }
    });
    String path = Agreement.PLACES.matcher(operation.path()).replaceAll(Agreement.NOBODY);
    List<JsonNode> bodies = Agreement.bodies(operation);
    Reply reply =
        agreement.send(
            agreement.request(
                operation, path + query, bodies.isEmpty() ? "" : bodies.getFirst().toString()));
    if (OPAQUE.contains(name) && reply.isRefusal()) {
      return;
    }
    JsonNode schema = parameter.get("schema");
    JsonNode one = schema.has("items") ? schema.get("items") : schema;
    agreement.compare(
        operation.id() + query, document.faults(one, AnswerCheck.typed(one, value)), reply);
  }

  private static boolean isNeeded(Operation operation, String name) {
    return operation.parameters().stream()
        .anyMatch(one -> one.get("name").asText().equals(name) && one.path("required").asBoolean());
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
