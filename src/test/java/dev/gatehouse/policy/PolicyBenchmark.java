package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one decision costs with 1,000 rules active: the built-in ones, and as many more as are
 * missing, half of them about tools by name and half about shell commands.
 */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PolicyBenchmark {
  private static final int RULES = 1_000;

  private Policy policy = load();
  private final Action byName = action("tool_17", Map.of("x", "y"));
  private final Action shell =
      action(
          "bash",
          Map.of(
              "command",
              "cd /srv/app && grep -rn --include='*.java' \"class Order\" src | sort -u | head -n 20"
                  + " > /tmp/out.txt"));
  private final Action denied = action("bash", Map.of("command", "cd /tmp; rm -rf /"));
  private final Action python = action("python", Map.of("code", python2kB()));
  private final Action hostile = action("bash", Map.of("command", "$(rm -rf x;".repeat(95_000)));

  @Setup
  public void prepare() {
    policy = load();
  }

  @Benchmark
  public Decision toolByName() {
    return policy.decide(byName);
  }

  @Benchmark
  public Decision shell100Bytes() {
    return policy.decide(shell);
  }

  @Benchmark
  public Decision shellDenied() {
    return policy.decide(denied);
  }

  @Benchmark
  public Decision python2kBytes() {
    return policy.decide(python);
  }

  @Benchmark
  public Decision hostileMebibyte() {
    return policy.decide(hostile);
  }

  static Policy load() {
    try {
      Map<String, String> files = new TreeMap<>(new PolicyFiles(Path.of("conf/policies")).read());
      int missing = RULES - Policy.compile(files, InstantSource.system()).size();
      files.put("99-more.yaml", more(missing));
      return Policy.compile(files, InstantSource.system());
    } catch (IOException | PolicyException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String more(int count) {
    StringBuilder yaml = new StringBuilder("rules:\n");
    for (int i = 0; i < count; i++) {
      yaml.append("  - {id: more-").append(i).append(", text: x, decision: ask, tools: ");
      if (i % 2 == 0) {
        yaml.append("tool_").append(i / 2).append("}\n");
      } else if (i % 4 == 1) {
        yaml.append("bash, when: {shell: {command: prog").append(i).append(", flag: f}}}\n");
      } else {
        yaml.append("bash, when: {text: {regex: '\\bword").append(i).append("\\s+-\\w*x'}}}\n");
      }
    }
    return yaml.toString();
  }

  private static Action action(String tool, Map<String, Object> arguments) {
    return new Action(new Actor("t", "a", Role.AGENT), "s", tool, arguments, Map.of());
  }

  /** An ordinary program of 2 kB. */
  private static String python2kB() {
    String function =
        """
        def total_NN(rows, rate=0.19):
            '''Adds up what the rows say, with tax.'''
            result = {}
            for row in rows:
                key = row["name"].strip().lower()
                result.setdefault(key, []).append(float(row["price"]) * (1 + rate))
            return {k: round(sum(v), 2) for k, v in sorted(result.items())}


        """;
    StringBuilder code = new StringBuilder("import json\nimport os.path\n\n\n");
    for (int i = 0; code.length() < 1_900; i++) {
      code.append(function.replace("NN", String.valueOf(i)));
    }
    return code.append("print(json.dumps(total_0([]), indent=2))\n").toString();
  }
}
