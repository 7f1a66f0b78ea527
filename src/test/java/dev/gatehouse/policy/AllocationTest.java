package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.gatehouse.action.Action;
import dev.gatehouse.action.Outcome;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a decision leaves to the garbage collector. */
class AllocationTest {
  private static final int ROUNDS = 200_000;

  /** What the measurement itself and the JIT's last steps may leave over all rounds. */
  private static final long SPARE_BYTES = ROUNDS / 10;

  private final Policy policy = PolicyBenchmark.load();
  private int denied;

  @Test
  void aDecisionByTheToolsNameLeavesNothing() {
    Action named = action("tool_17", Map.of("x", "y"));
    Action unnamed = action("a_tool_that_no_rule_names", Map.of("x", "y"));

    assertNothing(named);
    assertNothing(unnamed);
  }

  @Test
  void theMeasurementSeesWhatIsLeft() {
    long bytes = bytesOf(action("bash", Map.of("command", "ls -la")));

    assertTrue(bytes > 100L * ROUNDS, () -> bytes + " bytes");
  }

  private void assertNothing(Action action) {
    bytesOf(action);
    long bytes = bytesOf(action);

    assertTrue(bytes < SPARE_BYTES, () -> bytes + " bytes in " + ROUNDS + " decisions");
    assertEquals(0, denied);
  }

  private long bytesOf(Action action) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    long before = threads.getThreadAllocatedBytes(thread);
    for (int i = 0; i < ROUNDS; i++) {
      denied += policy.decide(action).outcome() == Outcome.DENY ? 1 : 0;
    }
    return threads.getThreadAllocatedBytes(thread) - before;
  }

  private static Action action(String tool, Map<String, Object> arguments) {
    return new Action(Rulebook.ADA, "s", tool, arguments, Map.of());
  }
}
