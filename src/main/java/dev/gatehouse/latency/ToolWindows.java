package dev.gatehouse.latency;

import org.jspecify.annotations.Nullable;

/**
 * The times of one tool and outcome: of each ten seconds of the last five minutes in which there
 * were any, and of all. Confined to the sampler.
 */
final class ToolWindows {
  private static final int TEN = Windows.TEN_SECONDS;

  private final @Nullable ToolTimes[] tens = new ToolTimes[Windows.FIVE_MINUTES / TEN];

  /** Which ten each of them is, counted from the start. */
  private final long[] numbers = new long[tens.length];

  private final ToolTimes total = new ToolTimes();

  /** Adds what was in a second, the {@code second}th since the start. */
  void add(long second, ToolTimes more) {
    long number = numberOf(second);
    int place = (int) (number % tens.length);
    ToolTimes ten = tens[place];
    if (ten == null) {
      ten = new ToolTimes();
      tens[place] = ten;
    } else if (numbers[place] != number) {
      ten.reset();
    }
    numbers[place] = number;
    ten.addAll(more);
    total.addAll(more);
  }

  /** Adds what another had since the start to what this one had: one is given up for the other. */
  void inherit(ToolWindows other) {
    total.addAll(other.total);
  }

  private static long numberOf(long second) {
    return (second - 1) / TEN;
  }

  /** How it stands after that second. */
  Tools.Tally tally(long second) {
    return new Tools.Tally(
        total.count(),
        total.nanos(),
        last(Windows.ONE_MINUTE, second),
        last(Windows.FIVE_MINUTES, second),
        total.percentiles((double) second));
  }

  /** The last {@code span} seconds but for what they lack of whole tens. */
  private Percentiles last(int span, long second) {
    ToolTimes sum = new ToolTimes();
    long newest = numberOf(second);
    for (int place = 0; place < tens.length; place++) {
      ToolTimes ten = tens[place];
      if (ten != null && numbers[place] <= newest && numbers[place] > newest - span / TEN) {
        sum.addAll(ten);
      }
    }
    return sum.percentiles((double) Math.min(second, span - TEN + (second - 1) % TEN + 1));
  }
}
