package dev.gatehouse.latency;

import dev.gatehouse.config.ObjectiveSettings;
import dev.gatehouse.latency.Standing.State;
import java.util.List;
import java.util.stream.Stream;

/**
 * A promise about a metric: of the last five minutes' times so many percent are at most so long.
 *
 * @param percentile above 0, below 100
 */
public record Objective(String name, Metric metric, double percentile, long limitNanos) {
  private static final long MILLI = 1_000_000;

  /** The report that this project follows promises these; {@link Memory} has the one of memory. */
  static final List<Objective> BUILT_IN =
      List.of(
          new Objective("audit-write-p95", Metric.AUDIT_COMMIT, 95, 10 * MILLI),
          new Objective("audit-write-p99", Metric.AUDIT_COMMIT, 99, 10 * MILLI),
          new Objective("execution-overhead", Metric.EXECUTION_OVERHEAD, 95, 100 * MILLI),
          new Objective("sandbox-creation", Metric.SANDBOX_CREATE, 95, 3_000 * MILLI),
          // Rules are evaluated within the decision: what holds for it holds for them.
          new Objective("classification", Metric.POLICY_DECIDE, 95, 50 * MILLI),
          new Objective("rule-evaluation", Metric.POLICY_DECIDE, 95, 50 * MILLI));

  /** The built-in ones, and an operator's own. */
  public static List<Objective> all(List<ObjectiveSettings> own) {
    return Stream.concat(BUILT_IN.stream(), own.stream().map(Objective::of)).toList();
  }

  private static Objective of(ObjectiveSettings own) {
    return new Objective(
        own.name(), Metric.of(own.metric()), own.percentile(), Math.round(own.millis() * MILLI));
  }

  /**
   * How it stands by these times. What failed took too long. Nothing is said of fewer than one of
   * which may exceed it.
   */
  Standing standing(Interval interval) {
    long timed = interval.times.getTotalCount();
    long count = timed + interval.errors();
    double mayExceed = count * (100 - percentile) / 100;
    double current = interval.times.getValueAtPercentile(percentile);
    boolean isFew = mayExceed < 1;
    long within = timed == 0 ? 0 : interval.times.getCountBetweenValues(0, limitNanos);
    return new Standing(
        name,
        metric.word(),
        "milliseconds",
        limitNanos / 1e6,
        timed == 0 ? 0 : current / 1e6,
        count,
        "5m",
        isFew ? 1 : 1 - (count - within) / mayExceed,
        isFew ? State.NO_DATA : within >= count - mayExceed ? State.MET : State.BREACHED);
  }
}
