package dev.gatehouse.latency;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Samples the recorders once a second, on its own event loop. */
public final class LatencyVerticle extends VerticleBase {
  static final long SAMPLE_MILLIS = 1000;

  private final LatencyRegistry registry;

  public LatencyVerticle(LatencyRegistry registry) {
    this.registry = registry;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(SAMPLE_MILLIS, id -> registry.sample());
    return Future.succeededFuture();
  }
}
