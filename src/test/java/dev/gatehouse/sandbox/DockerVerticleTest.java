package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.SandboxSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On an engine whose containers were all killed, and which has no news of why. */
class DockerVerticleTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final SandboxSettings LIMITS =
      Configuration.load(Path.of("conf/gatehouse.yaml"), Map.of()).sandbox();

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger listening = new AtomicInteger();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private void answer(HttpServerRequest request) {
    if (request.path().endsWith("/events")) {
      listening.incrementAndGet();
    } else if (request.path().contains("/containers/")) {
      end(
          request,
          new JsonObject()
              .put(
                  "State",
                  new JsonObject()
                      .put("Running", false)
                      .put("OOMKilled", false)
                      .put("ExitCode", 128 + 9)
                      .put("FinishedAt", Instant.now().toString())));
    } else {
      end(request, new JsonObject().put("Id", "sha256:1"));
    }
  }

  private static void end(HttpServerRequest request, JsonObject body) {
    request.response().putHeader("Content-Type", "application/json").end(body.encode());
  }

  @Test
  void deathsThatTakeLongToUnderstandHoldUpNothingElse() {
    // Given
    HttpServer engine =
        vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1").await();
    DockerVerticle docker =
        new DockerVerticle(
            EngineAddress.of("tcp://127.0.0.1:" + engine.actualPort()), LIMITS, "node");
    vertx.deployVerticle(docker, DockerVerticle.deployment()).await();
    List<Future<DockerVerticle.Death>> deaths =
        IntStream.range(0, DockerVerticle.THREADS).mapToObj(n -> docker.death("c" + n)).toList();
    Eventually.eventually(
        "all are listened for", LIMIT, () -> listening.get() == DockerVerticle.THREADS);

    // When
    Optional<String> image = docker.imageId("image").await();

    // Then
    assertEquals(Optional.of("sha256:1"), image);
    assertTrue(deaths.stream().noneMatch(Future::isComplete), "it waited for the deaths");
  }
}
