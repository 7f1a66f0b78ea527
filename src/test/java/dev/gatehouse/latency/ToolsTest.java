package dev.gatehouse.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Outcome;
import dev.gatehouse.latency.Tools.Tally;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

    Map<Outcome, Tally> bash = Objects.requireNonNull(merged().get("bash"));
    assertEquals(Set.of(Outcome.ALLOW, Outcome.DENY), bash.keySet());
    Tally allowed = Objects.requireNonNull(bash.get(Outcome.ALLOW));
    assertEquals(2, allowed.count());
    assertEquals(11, allowed.nanos());
    assertEquals(7, Objects.requireNonNull(bash.get(Outcome.DENY)).nanos());
  }

  @Test
  void hasPercentilesOfEachWindow() {
    for (int i = 1; i <= 100; i++) {
      tally.add("bash", Outcome.ALLOW, i * 1_000L);
    }
    Tally first = tally("bash");
    assertEquals(50_000.0, (double) first.oneMinute().p50(), 5_000);
    assertEquals(99_000.0, (double) first.fiveMinutes().p99(), 10_000);
    for (int second = 0; second < Windows.ONE_MINUTE; second++) {
      merged();
    }
    assertEquals(0, tally("bash").oneMinute().count());
    assertEquals(100, tally("bash").fiveMinutes().count());
    for (int second = 0; second < Windows.FIVE_MINUTES; second++) {
      merged();
    }
    tally.add("bash", Outcome.ALLOW, 7_000);
    assertEquals(1, tally("bash").fiveMinutes().count());
    assertEquals(101, tally("bash").sinceStart().count());
  }

  private Tally tally(String tool) {
    return Objects.requireNonNull(Objects.requireNonNull(merged().get(tool)).get(Outcome.ALLOW));
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

    Map<String, Map<Outcome, Tally>> now = merged();
    assertTrue(now.containsKey("new"));
    assertEquals(Tools.MAX_TOOLS + 1, now.size());
    assertEquals(1, count(ToolTally.OTHER), "what the old one had is not lost");
  }
}
