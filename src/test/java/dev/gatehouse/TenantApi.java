package dev.gatehouse;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;

/** What one configured key of some tenant sees of a server. */
record TenantApi(RunningServer server, String key) {

  /** The configuration's entry of a key, for {@code GATEHOUSE_KEYS}. */
  static String entry(String key, String role, String tenant) {
    return "{name: %s, role: %s, tenant: %s, sha256: %s}".formatted(key, role, tenant, hash(key));
  }

  private static String hash(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.api().port() + path))
        .header("Authorization", "Bearer " + key);
  }

  Answer get(String path) {
    return server.api().send(request(path).GET().build());
  }

  Answer delete(String path) {
    return server.api().send(request(path).DELETE().build());
  }

  Answer post(String path, JsonObject body) {
    return server.api().send(request(path).POST(BodyPublishers.ofString(body.encode())).build());
  }

  Answer create(JsonObject body) {
    return post("/v1/sandboxes", body);
  }

  CompletableFuture<Answer> createLater(JsonObject body) {
    return CompletableFuture.supplyAsync(
        () -> create(body), task -> Thread.ofVirtual().start(task));
  }
}
