package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/**
 * Finds out why a sandbox ended whose stream closed without a word: only the engine knows, if it is
 * still there.
 */
final class Inquest {
  private static final long POLL_MILLIS = 50;
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Vertx vertx;
  private final DockerVerticle docker;
  private final EngineWatch engine;

  Inquest(Vertx vertx, DockerVerticle docker, EngineWatch engine) {
    this.vertx = vertx;
    this.docker = docker;
    this.engine = engine;
  }

  /** Never fails, and takes a bounded time. */
  Future<Ending> into(LiveSandbox sandbox, String reason) {
    return reason.equals(Ending.STOPPED)
        ? ask(sandbox.container(), System.nanoTime() + LIMIT_NANOS)
        : Future.succeededFuture(Ending.of(reason));
  }

  private Future<Ending> ask(String container, long deadlineNanos) {
    return docker
        .death(container)
        .map(death -> {
          if (engine.isLostOrWas()) {
            return Ending.ENGINE_RESTARTED;
          }
          return death.outOfMemory() ? Ending.OUT_OF_MEMORY : Ending.DIED;
        })
        .recover(unknown -> {
          if (engine.isLostOrWas()) {
            return Future.succeededFuture(Ending.ENGINE_RESTARTED);
          }
          // The stream closes a moment before the engine knows the container's end.
          return System.nanoTime() > deadlineNanos
              ? Future.succeededFuture(Ending.DIED)
              : vertx.timer(POLL_MILLIS).compose(waited -> ask(container, deadlineNanos));
        });
  }
}
