package dev.gatehouse.cli;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.Policy;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Times decisions in this process: a quick look, with the active rules. The JMH benchmarks behind
 * {@code bench/policy.sh} are the measure.
 */
final class PolicyBench {
  private static final int WARM_UP = 20_000;
  private static final int ROUNDS = 20_000;

  private final Policy policy;

  PolicyBench(Policy policy) {
    this.policy = policy;
  }

  void run(PrintStream out) {
    Map<String, Action> actions = new LinkedHashMap<>();
    actions.put("tool without rules", Items.action("a_tool_that_no_rule_names", "x"));
    actions.put("shell, 9 bytes", Items.action("bash", "ls -la ./"));
    actions.put(
        "shell, 100 bytes",
        Items.action(
            "bash",
            "cd /srv/app && grep -rn --include='*.java' \"class Order\" src | sort -u | head -n 20 > /tmp/out.txt"));
    actions.put("shell, denied", Items.action("bash", "cd /tmp; rm -rf --no-preserve-root /"));
    actions.put(
        "Python, 2 kB", Items.action("python", "total = sum(int(x) for x in rows)\n".repeat(60)));
    out.printf("%d rules, %s%n", policy.size(), policy.digest());
    out.printf("%-20s %10s %10s %10s  %s%n", "action", "p50 ns", "p99 ns", "max ns", "outcome");
    actions.forEach((name, action) -> time(name, action, out));
  }

  private void time(String name, Action action, PrintStream out) {
    long[] nanos = new long[ROUNDS];
    for (int i = -WARM_UP; i < ROUNDS; i++) {
      long start = System.nanoTime();
      policy.decide(action);
      long end = System.nanoTime();
      if (i >= 0) {
        nanos[i] = end - start;
      }
    }
    Arrays.sort(nanos);
    out.printf(
        Locale.ROOT,
        "%-20s %10d %10d %10d  %s%n",
        name,
        nanos[ROUNDS / 2],
        nanos[ROUNDS * 99 / 100],
        nanos[ROUNDS - 1],
        policy.decide(action).outcome());
  }
}
