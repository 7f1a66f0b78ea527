package dev.gatehouse.latency;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What one record costs: always on, so on every path. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
public class RecorderBenchmark {
  private LatencyRecorder recorder = new LatencyRecorder();
  private long nanos;

  /** A recorder of its own, as each event loop has one. */
  @Setup(Level.Iteration)
  public void setUp() {
    recorder = new LatencyRecorder();
  }

  /** Times from a microsecond to a second, each in another place. */
  @Benchmark
  public void record() {
    nanos = (nanos * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L);
    recorder.record(1_000 + (nanos >>> 34));
  }
}
