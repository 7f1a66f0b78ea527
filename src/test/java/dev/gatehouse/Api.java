package dev.gatehouse;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A real HTTP client of a real server, with the keys that the server made. Fails where an answer is
 * other than {@code openapi.json} describes it.
 */
public final class Api {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final AnswerCheck CHECK = new AnswerCheck(InterfaceDocument.read());

  private final HttpClient client;
  private final URI base;
  private final Path data;

  public Api(int port, Path data) {
    this(
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build(),
        URI.create("http://127.0.0.1:" + port),
        data);
  }

  /** By a client of its own. */
  Api(HttpClient client, URI base, Path data) {
    this.client = client;
    this.base = base;
    this.data = data;
  }

  /** An answer: its status, headers and JSON. */
  public record Answer(int status, JsonObject body, HttpResponse<String> response) {
    public String code() {
      return body.getString("code", "");
    }
  }

  public int port() {
    return base.getPort();
  }

  public String key(String role) {
    try {
      return Files.readString(data.resolve("keys").resolve(role)).strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public Answer post(String role, String path, JsonObject body) {
    return post(role, path, body.encode());
  }

  public Answer post(String role, String path, String body) {
    return send(request(role, path).POST(BodyPublishers.ofString(body)).build());
  }

  public Answer get(String role, String path) {
    return send(request(role, path).GET().build());
  }

  public Answer put(String role, String path, JsonObject body) {
    return send(request(role, path).PUT(BodyPublishers.ofString(body.encode())).build());
  }

  public Answer delete(String role, String path) {
    return send(request(role, path).DELETE().build());
  }

  /** Sends without waiting. */
  public CompletableFuture<Answer> postLater(String role, String path, JsonObject body) {
    return sendLater(request(role, path).POST(BodyPublishers.ofString(body.encode())).build());
  }

  /** Sends without waiting. */
  public CompletableFuture<Answer> sendLater(HttpRequest request) {
    return client
        .sendAsync(request, BodyHandlers.ofString())
        .thenApply(response -> answer(request, response));
  }

  public HttpRequest.Builder request(String role, String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(LIMIT)
        .header("Authorization", "Bearer " + key(role));
  }

  public Answer send(HttpRequest request) {
    try {
      return answer(request, client.send(request, BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new AssertionError("no answer from " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Sends, and reads the answer as NDJSON. */
  public List<JsonObject> lines(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofLines()).body().map(JsonObject::new).toList();
    } catch (IOException e) {
      throw new AssertionError("no answer from " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Sends, and gives the answer's lines as they come. */
  public Stream<String> stream(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofLines()).body();
  }

  /** What {@code /metrics} says of a name without labels. */
  double metric(String name) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/metrics")).build();
    try {
      return client
          .send(request, BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no metric is called " + name));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Answer answer(HttpRequest request, HttpResponse<String> response) {
    CHECK.check(request, response);
    String text = response.body();
    return new Answer(
        response.statusCode(), text.isEmpty() ? new JsonObject() : new JsonObject(text), response);
  }

  /** Runs code in a sandbox of its own; expects it to be allowed. */
  public JsonObject run(String language, String code) {
    Answer answer = post("agent", "/v1/executions", execution(language, code));
    if (answer.status() != 200) {
      throw new AssertionError(answer.status() + " " + answer.body());
    }
    return answer.body();
  }

  public static JsonObject execution(String language, String code) {
    return new JsonObject().put("language", language).put("code", code).put("session", "s1");
  }
}
