package dev.gatehouse.latency;

import dev.gatehouse.action.Outcome;
import java.util.EnumMap;
import java.util.Map;

/** One tool's decisions by outcome. Confined to who counts. */
final class ToolCounts {
  private static final class Sum {
    long count;
    long nanos;
  }

  private final Map<Outcome, Sum> sums = new EnumMap<>(Outcome.class);

  void add(Outcome outcome, long count, long nanos) {
    Sum sum = sums.get(outcome);
    if (sum == null) {
      sum = new Sum();
      sums.put(outcome, sum);
    }
    sum.count += count;
    sum.nanos += nanos;
  }

  void addAll(ToolCounts more) {
    more.sums.forEach((outcome, sum) -> add(outcome, sum.count, sum.nanos));
  }

  Map<Outcome, Tools.Tally> tallies() {
    Map<Outcome, Tools.Tally> tallies = new EnumMap<>(Outcome.class);
    sums.forEach((outcome, sum) -> tallies.put(outcome, new Tools.Tally(sum.count, sum.nanos)));
    return tallies;
  }
}
