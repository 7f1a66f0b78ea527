package dev.gatehouse;

import dev.gatehouse.Api.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The files of one held sandbox, by HTTP. */
final class SandboxFilesApi {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Api api;
  private final String path;

  SandboxFilesApi(Api api, HeldSandbox sandbox) {
    this.api = api;
    this.path = sandbox.path() + "/files";
  }

  /** As it stands in a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  HttpRequest.Builder request(String rest) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path + rest))
        .timeout(LIMIT)
        .header("Authorization", "Bearer " + api.key("agent"));
  }

  /** Asks for what follows {@code files}, with JSON as the answer. */
  Answer get(String rest) {
    return api.send(request(rest).GET().build());
  }

  Answer post(String rest) {
    return api.send(request(rest).POST(BodyPublishers.noBody()).build());
  }

  Answer delete(String rest) {
    return api.send(request(rest).DELETE().build());
  }

  Answer put(String file, String content) {
    return put("?path=" + encoded(file), BodyPublishers.ofString(content));
  }

  Answer put(String rest, BodyPublisher content) {
    return api.send(request(rest).PUT(content).build());
  }

  HttpResponse<byte[]> read(String file, String... headers) {
    HttpRequest.Builder request = request("?path=" + encoded(file));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.GET().build());
  }

  HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new AssertionError("no answer from " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  <T> CompletableFuture<HttpResponse<T>> later(
      HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    return client.sendAsync(request, handler);
  }

  String text(String file) {
    return new String(read(file).body(), StandardCharsets.UTF_8);
  }
}
