package dev.gatehouse.latency;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * All recorders of the server. {@link #recorder} may be called from any thread; sampling belongs to
 * one.
 */
public final class LatencyRegistry {
  private final Map<Metric, List<LatencyRecorder>> recorders = new EnumMap<>(Metric.class);
  private final Map<Metric, Windows> windows = new EnumMap<>(Metric.class);
  private final long startNanos = System.nanoTime();
  private volatile Snapshot snapshot;

  public LatencyRegistry() {
    for (Metric metric : Metric.values()) {
      recorders.put(metric, new CopyOnWriteArrayList<>());
      windows.put(metric, new Windows());
    }
    snapshot = Snapshot.of(windows, 0);
  }

  /** A new recorder for the calling event loop, kept for the life of the server. */
  public LatencyRecorder recorder(Metric metric) {
    LatencyRecorder recorder = new LatencyRecorder();
    of(metric).add(recorder);
    return recorder;
  }

  /** What the last sample found. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /** Merges what was recorded since the last call; once a second, from one thread. */
  void sample() {
    windows.forEach((metric, window) -> window.advance(of(metric)));
    snapshot = Snapshot.of(windows, (System.nanoTime() - startNanos) / 1e9);
  }

  private List<LatencyRecorder> of(Metric metric) {
    return Objects.requireNonNull(recorders.get(metric));
  }
}
