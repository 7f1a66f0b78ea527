package dev.gatehouse.latency;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * One metric's histograms: of each of the last ten seconds, of each ten seconds of the last five
 * minutes, and of all since the start. Guarded by the registry.
 */
final class Windows {
  static final int TEN_SECONDS = 10;
  static final int ONE_MINUTE = 60;
  static final int FIVE_MINUTES = 300;

  private final Interval[] seconds = intervals(TEN_SECONDS);
  private final Interval[] tens = intervals(FIVE_MINUTES / TEN_SECONDS);
  private final Interval total = new Interval();

  /** How many seconds were closed. */
  private long closed;

  private static Interval[] intervals(int count) {
    return Stream.generate(Interval::new).limit(count).toArray(Interval[]::new);
  }

  /** Closes the current second, at this time in milliseconds since 1970. */
  void advance(List<LatencyRecorder> writers, long nowMillis) {
    Interval second = at(seconds, closed);
    second.reset();
    writers.forEach(writer -> writer.drainInto(second));
    Interval ten = at(tens, closed / TEN_SECONDS);
    if (closed % TEN_SECONDS == 0) {
      ten.reset();
      ten.times.setStartTimeStamp(nowMillis - 1000);
    }
    ten.add(second);
    ten.times.setEndTimeStamp(nowMillis);
    total.add(second);
    closed++;
  }

  private static Interval at(Interval[] ring, long place) {
    return ring[(int) (place % ring.length)];
  }

  /**
   * The sum of the last {@code span} seconds, or of as many as there are. More than ten seconds
   * begin with whole tens: a minute is of its last 51 to 60 seconds, five of their last 291 to 300.
   */
  Interval sum(int span) {
    Interval sum = new Interval();
    if (span <= TEN_SECONDS) {
      for (long i = closed - seconds(span); i < closed; i++) {
        sum.add(at(seconds, i));
      }
    } else if (closed > 0) {
      long newest = (closed - 1) / TEN_SECONDS;
      for (long i = Math.max(0, newest + 1 - span / TEN_SECONDS); i <= newest; i++) {
        sum.add(at(tens, i));
      }
    }
    return sum;
  }

  /** How many seconds {@link #sum} is of. */
  long seconds(int span) {
    if (span <= TEN_SECONDS || closed == 0) {
      return Math.min(span, closed);
    }
    return Math.min(closed, span - TEN_SECONDS + (closed - 1) % TEN_SECONDS + 1);
  }

  /** The summary of {@link #sum}. */
  Percentiles last(int span) {
    return Percentiles.of(sum(span), (double) seconds(span));
  }

  /** The summary since the start, which was {@code seconds} ago. */
  Percentiles sinceStart(double seconds) {
    return Percentiles.of(total, seconds);
  }

  /** A copy of all times since the start. */
  Histogram total() {
    return total.times.copy();
  }

  /** How often it failed since the start. */
  long errors() {
    return total.errors();
  }

  /** Copies of the last five minutes' tens that have something, oldest first. */
  List<Histogram> tens() {
    long newest = (closed + TEN_SECONDS - 1) / TEN_SECONDS;
    return LongStream.range(Math.max(0, newest - tens.length), newest)
        .mapToObj(place -> at(tens, place).times)
        .filter(ten -> ten.getTotalCount() > 0)
        .map(Histogram::copy)
        .toList();
  }
}
