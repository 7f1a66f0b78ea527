package dev.gatehouse.latency;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * One metric's histograms, a second each for the last minute, and their sum since the start.
 * Confined to the sampler's thread.
 */
final class Windows {
  static final int SECONDS = 60;

  private final Histogram[] seconds = new Histogram[SECONDS];
  private final Histogram total = newHistogram();
  private int newest;
  private int filled;

  Windows() {
    for (int i = 0; i < SECONDS; i++) {
      seconds[i] = newHistogram();
    }
  }

  /** Closes the current second. */
  void advance(List<LatencyRecorder> writers) {
    newest = (newest + 1) % SECONDS;
    filled = Math.min(filled + 1, SECONDS);
    Histogram second = seconds[newest];
    second.reset();
    writers.forEach(writer -> writer.drainInto(second));
    total.add(second);
  }

  /** The summary of the last {@code span} seconds, or of as many as there are. */
  Percentiles last(int span) {
    Histogram sum = newHistogram();
    int count = Math.min(span, filled);
    for (int i = 0; i < count; i++) {
      sum.add(seconds[Math.floorMod(newest - i, SECONDS)]);
    }
    return Percentiles.of(sum, count);
  }

  /** The summary since the start, which was {@code seconds} ago. */
  Percentiles sinceStart(double seconds) {
    return Percentiles.of(total, seconds);
  }

  private static Histogram newHistogram() {
    return new Histogram(1, LatencyRecorder.MAX_NANOS, LatencyRecorder.SIGNIFICANT_DIGITS);
  }
}
