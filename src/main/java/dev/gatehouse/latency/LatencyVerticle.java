package dev.gatehouse.latency;

import dev.gatehouse.latency.Standing.State;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Samples the recorders once a second, on its own event loop, and tells which objectives broke. */
public final class LatencyVerticle extends VerticleBase {
  static final long SAMPLE_MILLIS = 1000;

  /** One that breaks again within this was not mended. */
  private static final long QUIET_NANOS = 300_000_000_000L;

  private final LatencyRegistry registry;
  private final List<Consumer<Standing>> breached = new CopyOnWriteArrayList<>();
  private final Map<String, Long> toldNanos = new HashMap<>();

  public LatencyVerticle(LatencyRegistry registry) {
    this.registry = registry;
  }

  @Override
  public Future<?> start() {
    LoopLag.watch(vertx, registry);
    vertx.setPeriodic(
        SAMPLE_MILLIS,
        id -> {
          registry.sample();
          tell(registry.snapshot().objectives(), System.nanoTime());
        });
    return Future.succeededFuture();
  }

  /** Hears, on this verticle's loop, of each objective that breaks, once within five minutes. */
  public void onBreach(Consumer<Standing> listener) {
    breached.add(listener);
  }

  void tell(List<Standing> standings, long nowNanos) {
    for (Standing standing : standings) {
      Long told = toldNanos.get(standing.name());
      if (standing.state() == State.BREACHED && (told == null || nowNanos - told > QUIET_NANOS)) {
        toldNanos.put(standing.name(), nowNanos);
        breached.forEach(listener -> listener.accept(standing));
      }
    }
  }
}
