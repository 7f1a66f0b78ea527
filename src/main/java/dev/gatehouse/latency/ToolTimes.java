package dev.gatehouse.latency;

import org.HdrHistogram.Histogram;

/** What decisions took, in 3 kB: to 10 %, and up to a second. Their number and sum are exact. */
final class ToolTimes {
  private static final long MAX_NANOS = 1_000_000_000;

  private final Histogram histogram = new Histogram(1, MAX_NANOS, 1);
  private long nanos;

  void add(long took) {
    histogram.recordValue(Math.clamp(took, 0, MAX_NANOS));
    nanos += took;
  }

  void addAll(ToolTimes more) {
    histogram.add(more.histogram);
    nanos += more.nanos;
  }

  void reset() {
    histogram.reset();
    nanos = 0;
  }

  long count() {
    return histogram.getTotalCount();
  }

  /** What all of them took together. */
  long nanos() {
    return nanos;
  }

  Percentiles percentiles(double seconds) {
    return Percentiles.of(histogram, 0, seconds);
  }
}
