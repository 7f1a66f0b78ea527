package dev.gatehouse.latency;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** All recorders of the server. May be used from any thread; sampling belongs to one. */
public final class LatencyRegistry {
  private final List<Objective> objectives;
  private final Map<Metric, List<LatencyRecorder>> recorders = new EnumMap<>(Metric.class);

  /** Guards itself: a copy of one metric takes some 10 us. */
  private final Map<Metric, Windows> windows = new EnumMap<>(Metric.class);

  private final Tools tools = new Tools();
  private final Throughput throughput = new Throughput();
  private final Memory memory = new Memory();
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();
  private volatile Snapshot snapshot;
  private final Object writing = new Object();
  private @Nullable Written written;

  public LatencyRegistry() {
    this(Objective.BUILT_IN);
  }

  /** Samples against these. */
  public LatencyRegistry(List<Objective> objectives) {
    this.objectives = objectives;
    for (Metric metric : Metric.values()) {
      recorders.put(metric, new CopyOnWriteArrayList<>());
      windows.put(metric, new Windows());
    }
    snapshot = newSnapshot();
  }

  /** A new recorder for the calling event loop, kept for the life of the server. */
  public LatencyRecorder recorder(Metric metric) {
    LatencyRecorder recorder = new LatencyRecorder();
    of(metric).add(recorder);
    return recorder;
  }

  /** A new tally for the calling event loop, which hands it over once a second. */
  public ToolTally toolTally() {
    return new ToolTally(tools::take);
  }

  /** Where the audit log tells how fast it commits. */
  public Throughput throughput() {
    return throughput;
  }

  /** What the last sample found. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /**
   * What the last sample found, written down; once for all who ask before the next one.
   *
   * @param writer always the same
   */
  @SuppressWarnings("ReferenceEquality") // another sample is another object
  public Buffer written(Function<Snapshot, Buffer> writer) {
    synchronized (writing) {
      Written last = written;
      Snapshot now = snapshot;
      if (last == null || last.of != now) {
        last = new Written(now, writer.apply(now));
        written = last;
      }
      return last.text;
    }
  }

  private record Written(Snapshot of, Buffer text) {}

  /** Merges what was recorded since the last call; once a second, from one thread. */
  void sample() {
    synchronized (windows) {
      long now = System.currentTimeMillis();
      windows.forEach((metric, window) -> window.advance(of(metric), now));
      snapshot = newSnapshot();
    }
  }

  private Snapshot newSnapshot() {
    Memory.Reading read = memory.read();
    List<Standing> standings = new ArrayList<>();
    for (Objective objective : objectives) {
      standings.add(
          objective.standing(
              Objects.requireNonNull(windows.get(objective.metric())).sum(Windows.FIVE_MINUTES)));
    }
    standings.add(throughput.sample());
    standings.add(memory.standing(read));
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return Snapshot.of(windows, seconds, read, List.copyOf(standings), tools.merge());
  }

  /** When this began, in milliseconds since 1970. */
  public long startMillis() {
    return startMillis;
  }

  /** A copy of all times of a metric since the start, up to the last sample. */
  public Histogram total(Metric metric) {
    synchronized (windows) {
      return Objects.requireNonNull(windows.get(metric)).total();
    }
  }

  /** How often a metric's work failed since the start, up to the last sample. */
  public long errors(Metric metric) {
    synchronized (windows) {
      return Objects.requireNonNull(windows.get(metric)).errors();
    }
  }

  /** Copies of the last five minutes' histograms, ten seconds each, of those that have times. */
  public List<Histogram> tens(Metric metric) {
    synchronized (windows) {
      return Objects.requireNonNull(windows.get(metric)).tens();
    }
  }

  private List<LatencyRecorder> of(Metric metric) {
    return Objects.requireNonNull(recorders.get(metric));
  }
}
