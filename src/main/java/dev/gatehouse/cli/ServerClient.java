package dev.gatehouse.cli;

import dev.gatehouse.config.Configuration;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Speaks to a running server with one key. */
final class ServerClient {
  private final String base;
  private final String key;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ServerClient(String base, String key) {
    this.base = base;
    this.key = key;
  }

  /**
   * The server of a configuration, unless another is named.
   *
   * @param role whose key is taken where the environment has none in {@code GATEHOUSE_KEY}
   */
  static ServerClient of(
      Configuration configuration,
      Map<String, String> environment,
      @Nullable String url,
      String role)
      throws IOException {
    String given = environment.get("GATEHOUSE_KEY");
    Path file = configuration.data().resolve("keys").resolve(role);
    if (given == null && Files.notExists(file)) {
      throw new IOException("there is no key in " + file + ": set GATEHOUSE_KEY");
    }
    return new ServerClient(
        url != null ? url : url(configuration),
        given != null ? given : Files.readString(file).strip());
  }

  /** Where the server of a configuration listens. */
  static String url(Configuration configuration) {
    String scheme = configuration.tls().isOn() ? "https" : "http";
    return scheme + "://" + configuration.host() + ":" + configuration.port();
  }

  static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  JsonObject get(String path) throws IOException {
    return new JsonObject(whole(send(request(path).GET().build())));
  }

  JsonObject post(String path, JsonObject body) throws IOException {
    return new JsonObject(
        whole(send(request(path).POST(BodyPublishers.ofString(body.encode())).build())));
  }

  JsonObject delete(String path) throws IOException {
    return new JsonObject(whole(send(request(path).DELETE().build())));
  }

  /** The lines of a reply, as they come. */
  Stream<String> lines(String path) throws IOException {
    return send(request(path).GET().build()).body();
  }

  private static String whole(HttpResponse<Stream<String>> response) {
    try (Stream<String> lines = response.body()) {
      return lines.collect(Collectors.joining("\n"));
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).header("Authorization", "Bearer " + key);
  }

  private HttpResponse<Stream<String>> send(HttpRequest request) throws IOException {
    try {
      HttpResponse<Stream<String>> response = client.send(request, BodyHandlers.ofLines());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(response.statusCode() + " " + whole(response));
      }
      return response;
    } catch (java.net.ConnectException e) {
      throw new IOException("no server answers at " + base, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
