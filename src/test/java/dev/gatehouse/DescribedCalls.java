package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gatehouse.InterfaceDocument.Operation;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A client of a real server that calls operations by their ids, and checks every answer. */
final class DescribedCalls {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Api api;
  private final InterfaceDocument document;
  private final AnswerCheck check;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Set<String> called = new HashSet<>();
  private final Set<String> sent = new HashSet<>();

  DescribedCalls(Api api, InterfaceDocument document) {
    this.api = api;
    this.document = document;
    this.check = new AnswerCheck(document);
  }

  /** The operations that were not answered with a success, and the examples that were not sent. */
  Set<String> missing() {
    Set<String> missing = new TreeSet<>();
    for (Operation operation : document.operations().values()) {
      if (!called.contains(operation.id())) {
        missing.add(operation.id());
      }
      document.requestExamples(operation).keySet().stream()
          .map(name -> operation.id() + " " + name)
          .filter(example -> !sent.contains(example))
          .forEach(missing::add);
    }
    return missing;
  }

  /** A call that another client made, as only that one can. */
  void made(String operation) {
    called.add(document.operation(operation).id());
  }

  /** A request to be made with a key, or without one where the role is empty. */
  Call as(String role, String operation) {
    return new Call(role, document.operation(operation));
  }

  /** One call, until it is sent. */
  final class Call {
    private final String role;
    private final Operation operation;
    private final Map<String, String> places = new HashMap<>();
    private final Map<String, String> headers = new HashMap<>();
    private String query = "";
    private String body = "";
    private @Nullable String example;

    private Call(String role, Operation operation) {
      this.role = role;
      this.operation = operation;
    }

    /** Fills a parameter of the path. */
    Call at(String name, String value) {
      places.put(name, value);
      return this;
    }

    Call query(String text) {
      query = "?" + text;
      return this;
    }

    Call header(String name, String value) {
      headers.put(name, value);
      return this;
    }

    Call body(String text) {
      body = text;
      return this;
    }

    Call body(JsonObject json) {
      return body(json.encode());
    }

    /** Sends an example of the document. */
    Call example(String name) {
      JsonNode value = Objects.requireNonNull(document.requestExamples(operation).get(name), name);
      example = operation.id() + " " + name;
      return body(value.isTextual() ? value.asText() : value.toString());
    }

    /** Expects an answer that is described, of that status; gives its text. */
    String text(int status) {
      return response(status).body();
    }

    /** Expects an answer that is described, of that status. */
    HttpResponse<String> response(int status) {
      try {
        HttpResponse<String> response = client.send(request(), BodyHandlers.ofString());
        note(status, response, response.body());
        return response;
      } catch (IOException e) {
        throw new AssertionError(operation.id(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    /** Expects an answer that is described, of that status; gives its JSON. */
    JsonObject expect(int status) {
      String text = text(status);
      return text.isEmpty() ? new JsonObject() : new JsonObject(text);
    }

    /** Expects a problem that is described. */
    void expect(int status, String code) {
      assertEquals(code, expect(status).getString("code"), operation.id());
    }

    /** Reads events until one of that type came, then hangs up. */
    void events(String last) {
      StringBuilder text = new StringBuilder();
      try {
        HttpResponse<Stream<String>> response = client.send(request(), BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
          Iterator<String> each = lines.iterator();
          boolean came = false;
          while (each.hasNext()) {
            String line = each.next();
            text.append(line).append('\n');
            came |= line.equals("event: " + last);
            if (came && line.isEmpty()) {
              break;
            }
          }
          assertTrue(came, operation.id() + " has no event " + last + ": " + text);
        }
        note(200, response, text.toString());
      } catch (IOException e) {
        throw new AssertionError(operation.id() + " " + text, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    private void note(int status, HttpResponse<?> response, String text) {
      assertEquals(status, response.statusCode(), operation.id() + " " + text);
      check.check(operation, status, response.headers(), text);
      if (status < 300) {
        called.add(operation.id());
        if (example != null) {
          sent.add(example);
        }
      }
    }

    private HttpRequest request() {
      String path = operation.path();
      for (Map.Entry<String, String> place : places.entrySet()) {
        path = path.replace("{" + place.getKey() + "}", place.getValue());
      }
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path + query))
              .timeout(LIMIT)
              .method(
                  operation.method().toUpperCase(Locale.ROOT),
                  body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
      headers.forEach(request::header);
      return role.isEmpty()
          ? request.build()
          : request.header("Authorization", "Bearer " + api.key(role)).build();
    }
  }
}
