package dev.gatehouse.latency;

import dev.gatehouse.action.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Counts the decisions of one event loop by tool and outcome, and what they took. Confined to that
 * loop; {@link #handOver} is called there once a second.
 */
public final class ToolTally {
  /** Where names are gathered that there is no room for; a tool of that name is among them. */
  public static final String OTHER = "other";

  /** Names within one second: agents choose them. */
  static final int MAX_NAMES = 256;

  private final Consumer<Map<String, ToolCounts>> taker;

  private Map<String, ToolCounts> second = new HashMap<>();

  ToolTally(Consumer<Map<String, ToolCounts>> taker) {
    this.taker = taker;
  }

  /** Counts one decision. Hot path: one look into a map. */
  public void add(String tool, Outcome outcome, long nanos) {
    ToolCounts counts = second.get(tool);
    if (counts == null) {
      String name = second.size() < MAX_NAMES ? tool : OTHER;
      counts = second.computeIfAbsent(name, any -> new ToolCounts());
    }
    counts.add(outcome, nanos);
  }

  /** Gives what was counted since the last call to whoever adds up. */
  public void handOver() {
    if (!second.isEmpty()) {
      taker.accept(second);
      second = new HashMap<>();
    }
  }
}
