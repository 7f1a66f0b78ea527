package dev.gatehouse.latency;

import dev.gatehouse.action.Outcome;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The decisions of all event loops by tool and outcome since the start. Agents name tools, so there
 * is room for {@value #MAX_TOOLS}, and the rest is {@link ToolTally#OTHER}: a tool keeps its place
 * while it is used, and loses it to a new one after {@value #IDLE_SAMPLES} seconds without use. A
 * flood of names takes no place from those that are at work.
 *
 * <p>{@link #take} may be called from any thread, {@link #merge} by the sampler alone.
 */
public final class Tools {
  static final int MAX_TOOLS = 64;
  static final int IDLE_SAMPLES = 60;

  /**
   * One outcome's decisions since the start, and what they took, to 10 %, by windows.
   *
   * @param nanos what all of them took together
   */
  public record Tally(
      long count,
      long nanos,
      Percentiles oneMinute,
      Percentiles fiveMinutes,
      Percentiles sinceStart) {}

  private static final class Place {
    final Map<Outcome, ToolWindows> outcomes = new EnumMap<>(Outcome.class);
    long usedAt;

    ToolWindows of(Outcome outcome) {
      return outcomes.computeIfAbsent(outcome, any -> new ToolWindows());
    }
  }

  private final Queue<Map<String, ToolCounts>> handedOver = new ConcurrentLinkedQueue<>();
  private final Map<String, Place> tools = new HashMap<>();
  private long samples;

  Tools() {}

  void take(Map<String, ToolCounts> second) {
    handedOver.add(second);
  }

  /** Adds what was handed over; the sums as they are now. */
  Map<String, Map<Outcome, Tally>> merge() {
    samples++;
    for (Map<String, ToolCounts> next = handedOver.poll(); next != null; next = handedOver.poll()) {
      next.forEach(this::add);
    }
    Map<String, Map<Outcome, Tally>> all = new TreeMap<>();
    tools.forEach((tool, place) -> all.put(tool, tallies(place)));
    return all;
  }

  private Map<Outcome, Tally> tallies(Place place) {
    Map<Outcome, Tally> tallies = new EnumMap<>(Outcome.class);
    place.outcomes.forEach((outcome, windows) -> tallies.put(outcome, windows.tally(samples)));
    return tallies;
  }

  private void add(String tool, ToolCounts counts) {
    Place place = place(hasPlace(tool) ? tool : ToolTally.OTHER);
    place.usedAt = samples;
    counts.forEach((outcome, times) -> place.of(outcome).add(samples, times));
  }

  private Place place(String name) {
    return tools.computeIfAbsent(name, any -> new Place());
  }

  /** Whether it has one, or there is one to have. */
  private boolean hasPlace(String tool) {
    if (tools.containsKey(tool) || tool.equals(ToolTally.OTHER) || tools.size() < MAX_TOOLS) {
      return true;
    }
    return tools.entrySet().stream()
        .filter(one -> !one.getKey().equals(ToolTally.OTHER))
        .filter(one -> samples - one.getValue().usedAt > IDLE_SAMPLES)
        .min(Comparator.comparingLong(one -> one.getValue().usedAt))
        .map(idle -> giveUp(idle.getKey()))
        .orElse(false);
  }

  /** What it had is among the others' from then on: totals do not fall. */
  private boolean giveUp(String tool) {
    Place gone = tools.remove(tool);
    if (gone != null) {
      Place other = place(ToolTally.OTHER);
      gone.outcomes.forEach((outcome, windows) -> other.of(outcome).inherit(windows));
    }
    return gone != null;
  }
}
