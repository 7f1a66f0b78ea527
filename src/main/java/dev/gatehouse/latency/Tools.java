package dev.gatehouse.latency;

import dev.gatehouse.action.Outcome;
import java.util.Comparator;
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
   * One outcome's decisions.
   *
   * @param nanos what all of them took together
   */
  public record Tally(long count, long nanos) {}

  private static final class Place {
    final ToolCounts counts = new ToolCounts();
    long usedAt;
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
    tools.forEach((tool, place) -> all.put(tool, place.counts.tallies()));
    return all;
  }

  private void add(String tool, ToolCounts counts) {
    String name = hasPlace(tool) ? tool : ToolTally.OTHER;
    Place place = tools.computeIfAbsent(name, any -> new Place());
    place.usedAt = samples;
    place.counts.addAll(counts);
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
        .map(idle -> tools.remove(idle.getKey()) != null)
        .orElse(false);
  }
}
