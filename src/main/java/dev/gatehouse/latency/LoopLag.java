package dev.gatehouse.latency;

import io.vertx.core.Vertx;

/** Asks an event loop every {@value #MILLIS} ms how late it is. */
public final class LoopLag {
  private static final long MILLIS = 100;
  private static final long NANOS = MILLIS * 1_000_000;

  private final LatencyRecorder recorder;
  private long dueNanos = System.nanoTime() + NANOS;

  private LoopLag(LatencyRecorder recorder) {
    this.recorder = recorder;
  }

  /** Watches the calling event loop until what was deployed on it is undeployed. */
  public static void watch(Vertx vertx, LatencyRegistry registry) {
    LoopLag lag = new LoopLag(registry.recorder(Metric.EVENT_LOOP_LAG));
    vertx.setPeriodic(MILLIS, id -> lag.tick());
  }

  /** Timers are due at a fixed rate, whenever the last one came. */
  private void tick() {
    recorder.record(System.nanoTime() - dueNanos);
    dueNanos += NANOS;
  }
}
