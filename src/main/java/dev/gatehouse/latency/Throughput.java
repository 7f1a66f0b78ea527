package dev.gatehouse.latency;

import dev.gatehouse.latency.Standing.State;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many events a second the audit log commits when more come than one commit at a time could
 * take: only then does a rate say what the log can do, and not what was asked of it.
 *
 * <p>{@link #add} may be called from any thread, {@link #sample} by the sampler alone.
 */
public final class Throughput {
  /** The followed report wants more than this. */
  private static final double TARGET = 1_000;

  private static final int SECONDS = Windows.FIVE_MINUTES;
  private static final double NANOS = 1e9;

  private final LongAdder events = new LongAdder();
  private final LongAdder busyNanos = new LongAdder();

  /** The sums at the end of each of the last five minutes' seconds. */
  private final long[] eventsThen = new long[SECONDS];

  private final long[] busyNanosThen = new long[SECONDS];
  private int samples;

  Throughput() {}

  /** Adds what was committed within a time during which more was on its way throughout. */
  public void add(int committed, long nanos) {
    events.add(committed);
    busyNanos.add(nanos);
  }

  /** How the objective stands over the last five minutes; nothing is said of less than a second. */
  Standing sample() {
    int place = samples++ % SECONDS;
    long count = events.sum() - eventsThen[place];
    double seconds = (busyNanos.sum() - busyNanosThen[place]) / NANOS;
    eventsThen[place] = events.sum();
    busyNanosThen[place] = busyNanos.sum();
    boolean isFew = seconds < 1;
    double rate = seconds == 0 ? 0 : count / seconds;
    return new Standing(
        "throughput",
        "audit",
        "per-second",
        TARGET,
        rate,
        count,
        "5m",
        isFew ? 1 : Math.min(1, rate / TARGET - 1),
        isFew ? State.NO_DATA : rate >= TARGET ? State.MET : State.BREACHED);
  }
}
