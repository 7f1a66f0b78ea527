package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Role;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A shell command of 100 bytes against so many rules with conditions, of which none holds; and what
 * it costs to try as many patterns one after the other.
 */
@State(Scope.Benchmark)
@Fork(1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RulesBenchmark {
  private static final String COMMAND =
      "cd /srv/app && grep -rn --include='*.java' \"class Order\" src | sort -u | head -n 20"
          + " > /tmp/out.txt";

  @Param({"10", "100", "1000", "10000"})
  private int rules;

  private final Action action =
      new Action(
          new Actor("t", "a", Role.AGENT), "s", "bash", Map.of("command", COMMAND), Map.of());
  private final List<Pattern> patterns = new ArrayList<>();
  private Policy policy = compile(1);

  @Setup
  public void prepare() {
    policy = compile(rules);
    for (int i = 0; i < rules; i++) {
      patterns.add(Pattern.compile("\\bword" + i + "\\s+-\\w*x"));
    }
  }

  @Benchmark
  public Decision decide() {
    return policy.decide(action);
  }

  @Benchmark
  public int oneByOne() {
    int found = 0;
    for (Pattern pattern : patterns) {
      found += pattern.matcher(COMMAND).find() ? 1 : 0;
    }
    return found;
  }

  private static Policy compile(int rules) {
    StringBuilder yaml = new StringBuilder("policy: rules\nrules:\n");
    for (int i = 0; i < rules; i++) {
      yaml.append("  - {id: rule-")
          .append(i)
          .append(", text: x, decision: ask, tools: bash, when: ");
      if (i % 2 == 0) {
        yaml.append("{shell: {command: prog").append(i).append(", flag: f}}}\n");
      } else {
        yaml.append("{text: {regex: '\\bword").append(i).append("\\s+-\\w*x'}}}\n");
      }
    }
    try {
      return Policy.compile(Map.of("rules.yaml", yaml.toString()), InstantSource.system());
    } catch (PolicyException e) {
      throw new IllegalStateException(e);
    }
  }
}
