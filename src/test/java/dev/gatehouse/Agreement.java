package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gatehouse.InterfaceDocument.Operation;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a server refuses and takes the requests that their schemas refuse and take. */
final class Agreement {
  /** The id of nothing: what reads its request first, answers 404. */
  static final String NOBODY = "00000000-0000-0000-0000-000000000000";

  static final Pattern PLACES = Pattern.compile("\\{\\w+}");

  /** What is beyond a schema: what a value means beside another, or to this configuration. */
  private static final Set<String> MEANING =
      Set.of(
          "field.conflict",
          "decision.conflict",
          "interactive.background",
          "mode.pty",
          "network.invalid",
          "profile.unknown",
          "language.unavailable",
          "approval.not-editable",
          "approval.too-long",
          "approval.reason-missing");

  private static final JsonNode WHOLE = whole();

  private final Api api;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> wrong = new ArrayList<>();
  private int taken;
  private int refused;

  Agreement(Api api) {
    this.api = api;
  }

  private static JsonNode whole() {
    try (InputStream in = Agreement.class.getResourceAsStream("whole-bodies.json")) {
      return InterfaceDocument.json(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bodies of an operation that together have every field. */
  static List<JsonNode> bodies(Operation operation) {
    List<JsonNode> bodies = new ArrayList<>();
    WHOLE.path(operation.id()).forEach(bodies::add);
    return bodies;
  }

  /** What the server says to a request. */
  record Reply(int status, String body) {
    /** Whether it was refused for its form, not for what it is about. */
    boolean isRefusal() {
      assertTrue(status < 500 || status == 503, body);
      return Set.of(400, 413, 422).contains(status);
    }

    String code() {
      return status < 400 ? "" : new JsonObject(body).getString("code");
    }
  }

  /** A request of somebody who may make it. */
  HttpRequest request(Operation operation, String path, String body) {
    String roles = operation.node().path("description").asText();
    String role =
        roles.startsWith("Role: agent")
            ? "agent"
            : roles.startsWith("Role: auditor") ? "auditor" : "ada";
    return api.request(role, path)
        .method(
            operation.method().toUpperCase(Locale.ROOT),
            body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
  }

  Reply send(HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return new Reply(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new AssertionError(request.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /**
   * Notes where the two differ.
   *
   * @param faults what the schema has against it
   */
  void compare(String what, List<String> faults, Reply reply) {
    if (reply.isRefusal() && faults.isEmpty() && !MEANING.contains(reply.code())) {
      wrong.add(what + ": only the server refuses it: " + reply.body());
    } else if (!reply.isRefusal() && !faults.isEmpty()) {
      wrong.add(what + ": only the schema refuses it: " + reply + " " + faults.getFirst());
    } else if (reply.isRefusal()) {
      refused++;
    } else {
      taken++;
    }
  }

  /** Fails where they differed, or so little was compared that it proves nothing. */
  void assertSame(int leastTaken, int leastRefused) {
    assertEquals(List.of(), wrong);
    assertTrue(
        taken >= leastTaken && refused >= leastRefused, taken + " taken, " + refused + " refused");
  }
}
