package dev.gatehouse.latency;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Records the times of one metric on one event loop.
 *
 * <p>Single writer: {@link #record} is called by one thread only. What a record costs is measured
 * by {@code ./gatehouse bench classification}; {@link #fail} may be called from any thread.
 */
public final class LatencyRecorder {
  /** Times above this, an hour, are counted as this: nobody waits longer for anything. */
  static final long MAX_NANOS = 3_600_000_000_000L;

  static final int SIGNIFICANT_DIGITS = 2;

  private final SingleWriterRecorder recorder =
      new SingleWriterRecorder(1, MAX_NANOS, SIGNIFICANT_DIGITS);
  private final AtomicLong errors = new AtomicLong();
  private @Nullable Histogram spare;

  LatencyRecorder() {}

  /** Records a time in nanoseconds; clock steps below 0 count as 0. */
  public void record(long nanos) {
    recorder.recordValue(Math.clamp(nanos, 0, MAX_NANOS));
  }

  /** Records the time since {@code startNanos}, a {@link System#nanoTime()}. */
  public void recordSince(long startNanos) {
    record(System.nanoTime() - startNanos);
  }

  /** Counts something that failed, and so has no time. */
  public void fail() {
    errors.incrementAndGet();
  }

  /** Adds what was recorded since the last call to {@code sum}. Called by the sampler alone. */
  void drainInto(Interval sum) {
    Histogram interval = recorder.getIntervalHistogram(spare);
    sum.times.add(interval);
    sum.fail(errors.getAndSet(0));
    spare = interval;
  }
}
