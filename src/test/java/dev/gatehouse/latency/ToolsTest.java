package dev.gatehouse.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Outcome;
import dev.gatehouse.latency.Tools.Tally;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ToolsTest {
  private final Tools tools = new Tools();
  private final ToolTally tally = new ToolTally(tools::take);

  private Map<String, Map<Outcome, Tally>> merged() {
    tally.handOver();
    return tools.merge();
  }

  private long count(String tool) {
    return Objects.requireNonNull(merged().get(tool)).values().stream()
        .mapToLong(Tally::count)
        .sum();
  }

  @Test
  void countsAndAddsUpByToolAndOutcome() {
    tally.add("bash", Outcome.ALLOW, 5);
    tally.add("bash", Outcome.DENY, 7);
    merged();
    tally.add("bash", Outcome.ALLOW, 6);

    assertEquals(
        Map.of("bash", Map.of(Outcome.ALLOW, new Tally(2, 11), Outcome.DENY, new Tally(1, 7))),
        merged());
  }

  @Test
  void aFloodOfNamesTakesNoPlaceFromToolsAtWork() {
    tally.add("bash", Outcome.ALLOW, 1);
    merged();
    for (int second = 0; second < 2 * Tools.IDLE_SAMPLES; second++) {
      tally.add("bash", Outcome.ALLOW, 1);
      for (int i = 0; i < ToolTally.MAX_NAMES; i++) {
        tally.add("flood-" + second + "-" + i, Outcome.ASK, 1);
      }
      assertTrue(merged().size() <= Tools.MAX_TOOLS + 1);
    }

    assertEquals(1 + 2 * Tools.IDLE_SAMPLES, count("bash"));
  }

  @Test
  void whatHasNoPlaceIsCountedAmongOthers() {
    for (int i = 0; i < Tools.MAX_TOOLS + 10; i++) {
      tally.add("tool-" + i, Outcome.ALLOW, 1);
    }

    assertEquals(10, count(ToolTally.OTHER));
  }

  @Test
  void aToolThatIsNotUsedLosesItsPlaceToANewOne() {
    for (int i = 0; i < Tools.MAX_TOOLS; i++) {
      tally.add("old-" + i, Outcome.ALLOW, 1);
    }
    for (int second = 0; second <= Tools.IDLE_SAMPLES + 1; second++) {
      merged();
    }
    tally.add("new", Outcome.ALLOW, 1);

    assertTrue(merged().containsKey("new"));
    assertFalse(merged().containsKey(ToolTally.OTHER));
  }
}
