package dev.gatehouse.latency;

import dev.gatehouse.action.Outcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** One tool's decisions of one second by outcome. Confined to who counts. */
final class ToolCounts {
  private final Map<Outcome, ToolTimes> times = new EnumMap<>(Outcome.class);

  void add(Outcome outcome, long nanos) {
    ToolTimes some = times.get(outcome);
    if (some == null) {
      some = new ToolTimes();
      times.put(outcome, some);
    }
    some.add(nanos);
  }

  void forEach(BiConsumer<Outcome, ToolTimes> taker) {
    times.forEach(taker);
  }
}
