package dev.gatehouse.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An operator's own promise about what a step costs.
 *
 * @param metric one of {@link #METRICS}
 * @param percentile of the last five minutes' times, from 1 to 99.99
 * @param millis which it must not exceed, above 0
 */
public record ObjectiveSettings(String name, String metric, double percentile, double millis) {
  /** What is timed. */
  public static final List<String> METRICS =
      List.of(
          "http.request",
          "http.parse",
          "http.reply",
          "policy.decide",
          "audit.commit",
          "sandbox.create",
          "sandbox.acquire",
          "execution.run",
          "execution.overhead",
          "approval.wait",
          "eventloop.lag",
          "file.access");

  /** The names that are taken. */
  public static final List<String> BUILT_IN =
      List.of(
          "audit-write-p95",
          "audit-write-p99",
          "execution-overhead",
          "sandbox-creation",
          "classification",
          "rule-evaluation",
          "throughput",
          "memory-growth");

  private static final double MAX_MILLIS = 100_000;

  static List<ObjectiveSettings> read(Settings settings) {
    Set<String> names = new HashSet<>(BUILT_IN);
    return settings.entries(
        "objectives",
        entry ->
            new ObjectiveSettings(
                Names.own(entry, names, "all others and the built-in ones"),
                entry.required(
                    "metric",
                    "one of " + String.join(", ", METRICS),
                    METRICS.getFirst(),
                    text -> METRICS.contains(text) ? text : null),
                entry.optional(
                    "percentile",
                    "a number from 1 to 99.99",
                    95.0,
                    text -> within(Double.parseDouble(text), 1, 99.99)),
                entry.required(
                    "millis",
                    "a number of milliseconds from 0.001 to 100000",
                    1.0,
                    text -> within(Double.parseDouble(text), 0.001, MAX_MILLIS))));
  }

  private static @Nullable Double within(double number, double least, double most) {
    return number >= least && number <= most ? number : null;
  }
}
