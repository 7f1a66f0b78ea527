package dev.gatehouse.latency;

import org.HdrHistogram.Histogram;

/** The times of a stretch of time, and how often what was to be timed failed. */
final class Interval {
  final Histogram times =
      new Histogram(1, LatencyRecorder.MAX_NANOS, LatencyRecorder.SIGNIFICANT_DIGITS);
  private long errors;

  long errors() {
    return errors;
  }

  void fail(long count) {
    errors += count;
  }

  void reset() {
    times.reset();
    errors = 0;
  }

  /** Adds another; most metrics are still most of the time. */
  void add(Interval other) {
    errors += other.errors;
    if (other.times.getTotalCount() > 0) {
      times.add(other.times);
    }
  }
}
