package dev.gatehouse.latency;

import org.HdrHistogram.Histogram;

/**
 * A window's summary. Times in nanoseconds, right to 1 %; all are 0 while {@code count} is 0.
 *
 * @param count how many times there are
 * @param errors how often it failed instead
 * @param perSecond {@code count} by the window's length
 */
public record Percentiles(
    long count,
    long errors,
    double perSecond,
    double mean,
    long p50,
    long p90,
    long p95,
    long p99,
    long p999,
    long p9999,
    long max) {

  static final Percentiles NONE = new Percentiles(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  static Percentiles of(Interval interval, double seconds) {
    return of(interval.times, interval.errors(), seconds);
  }

  static Percentiles of(Histogram histogram, long errors, double seconds) {
    long count = histogram.getTotalCount();
    if (count == 0 && errors == 0) {
      return NONE;
    }
    return new Percentiles(
        count,
        errors,
        seconds <= 0 ? 0 : count / seconds,
        histogram.getMean(),
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(90),
        histogram.getValueAtPercentile(95),
        histogram.getValueAtPercentile(99),
        histogram.getValueAtPercentile(99.9),
        histogram.getValueAtPercentile(99.99),
        histogram.getMaxValue());
  }
}
