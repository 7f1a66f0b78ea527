package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Role;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The shapes of the followed report: three rules about tools by name and four operations; two
 * rules, one with a pattern, and two operations. The pattern searches; the report's was tried at
 * the beginning of a text only.
 */
@State(Scope.Benchmark)
@Fork(1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReportBenchmark {
  private static final String BY_NAME =
      """
      policy: report
      rules:
        - {id: a, text: x, decision: allow, risk: low, tools: [read_file, list_files]}
        - {id: b, text: x, decision: ask, risk: medium, tools: write_file}
        - {id: c, text: x, decision: ask, risk: high, tools: [delete_file, execute_code]}
      """;
  private static final String WITH_CONDITIONS =
      """
      policy: report
      rules:
        - {id: a, text: x, decision: ask, risk: critical, tools: execute_code, when: {argument: code, regex: '(os\\.system|subprocess|eval|exec)'}}
        - {id: b, text: x, decision: allow, risk: low, tools: execute_code}
      """;

  private final Policy byName = compile(BY_NAME);
  private final Policy withConditions = compile(WITH_CONDITIONS);
  private final List<Action> operations =
      List.of(
          action("read_file", "path", "/tmp/a"),
          action("write_file", "path", "/tmp/a"),
          action("delete_file", "path", "/tmp/a"),
          action("execute_code", "code", "print(1)"));
  private final List<Action> codes =
      List.of(
          action("execute_code", "code", "os.system('ls')"),
          action("execute_code", "code", "print(1)"));
  private int next;

  /** The mean of one. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OperationsPerInvocation(4)
  public int classification() {
    int reasons = 0;
    for (Action operation : operations) {
      reasons += byName.decide(operation).reasons().size();
    }
    return reasons;
  }

  /** One by one, for percentiles; two readings of the clock are within. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public Decision oneClassification() {
    return byName.decide(operations.get(next++ & 3));
  }

  /** The mean of one. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OperationsPerInvocation(2)
  public int conditions() {
    int reasons = 0;
    for (Action code : codes) {
      reasons += withConditions.decide(code).reasons().size();
    }
    return reasons;
  }

  /** One by one, for percentiles; two readings of the clock are within. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public Decision oneCondition() {
    return withConditions.decide(codes.get(next++ & 1));
  }

  private static Policy compile(String yaml) {
    try {
      return Policy.compile(Map.of("report.yaml", yaml), InstantSource.system());
    } catch (PolicyException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Action action(String tool, String argument, String value) {
    return new Action(
        new Actor("t", "a", Role.AGENT), "s", tool, Map.of(argument, value), Map.of());
  }
}
