package dev.gatehouse.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/**
 * Scenario {@code classification}: decisions in the process, by JMH, each benchmark in a JVM of its
 * own; an iteration is a round.
 */
public final class ClassificationBench {
  private static final int WARM_UP = 3;
  private static final int LONG_WARM_UP = 5;
  private static final TimeValue ITERATION = TimeValue.milliseconds(400);

  private final Figures figures;

  private ClassificationBench(Figures figures) {
    this.figures = figures;
  }

  /** Measures. */
  public static void main(String[] args) throws Exception {
    try (Figures figures = Figures.of("classification")) {
      new ClassificationBench(figures).run();
    }
  }

  private void run() throws RunnerException {
    Map<String, RunResult> results =
        results(
            options()
                .include("ReportBenchmark")
                .include("RecorderBenchmark")
                .include("RulesBenchmark")
                .include("PolicyBenchmark\\.toolByName")
                .warmupIterations(WARM_UP)
                .warmupTime(ITERATION));
    mean("policy.classification", nanos(results, "classification"));
    percentiles("policy.classification", results, "oneClassification");
    for (double nanos : nanos(results, "classification")) {
      figures.add("policy.classification.rate", Unit.PER_SECOND, 1e9 / nanos);
    }
    mean("policy.conditions", nanos(results, "conditions"));
    percentiles("policy.conditions", results, "oneCondition");
    for (int rules = 10; rules <= 10_000; rules *= 10) {
      List<Double> decided = nanos(results, "decide." + rules);
      List<Double> tried = nanos(results, "oneByOne." + rules);
      for (int i = 0; i < decided.size(); i++) {
        figures.add("policy.rules." + rules, Unit.MICROS, decided.get(i) / 1e3, tried.get(i) / 1e3);
      }
    }
    mean("policy.built-in.tool", nanos(results, "toolByName"));
    mean("latency.record", nanos(results, "record"));
    readers();
  }

  /** What is read before it is judged: so much code is compiled late, and every call is timed. */
  private void readers() throws RunnerException {
    Map<String, RunResult> results =
        results(
            options()
                .include("PolicyBenchmark\\.(shell100Bytes|python2kBytes|hostileMebibyte)")
                .mode(Mode.SampleTime)
                .warmupIterations(LONG_WARM_UP)
                .warmupTime(TimeValue.seconds(2)));
    for (IterationResult shell : iterations(results, "shell100Bytes")) {
      figures.add("policy.built-in.shell.p50", Unit.NANOS, median(shell));
    }
    for (IterationResult python : iterations(results, "python2kBytes")) {
      figures.add("policy.built-in.python.p50", Unit.MICROS, median(python) / 1e3);
    }
    for (IterationResult hostile : iterations(results, "hostileMebibyte")) {
      figures.add("policy.built-in.hostile.p50", Unit.MILLIS, median(hostile) / 1e6);
    }
  }

  private static double median(IterationResult nanos) {
    return nanos.getPrimaryResult().getStatistics().getPercentile(50);
  }

  private static ChainedOptionsBuilder options() {
    return new OptionsBuilder()
        .measurementIterations(Pace.current().rounds())
        .measurementTime(ITERATION)
        .shouldFailOnError(true);
  }

  private static Map<String, RunResult> results(ChainedOptionsBuilder options)
      throws RunnerException {
    Map<String, RunResult> results = new TreeMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      String rules = result.getParams().getParam("rules");
      String method = result.getPrimaryResult().getLabel();
      results.put(rules == null ? method : method + "." + rules, result);
    }
    return results;
  }

  private void mean(String figure, List<Double> nanos) {
    nanos.forEach(value -> figures.add(figure + ".mean", Unit.NANOS, value));
  }

  private void percentiles(String figure, Map<String, RunResult> results, String method) {
    for (IterationResult iteration : iterations(results, method)) {
      Statistics nanos = iteration.getPrimaryResult().getStatistics();
      figures.add(figure + ".p95", Unit.NANOS, nanos.getPercentile(95));
      figures.add(figure + ".p99", Unit.NANOS, nanos.getPercentile(99));
    }
  }

  private static List<Double> nanos(Map<String, RunResult> results, String method) {
    return iterations(results, method).stream()
        .map(iteration -> iteration.getPrimaryResult().getScore())
        .toList();
  }

  private static List<IterationResult> iterations(Map<String, RunResult> results, String method) {
    RunResult result = results.get(method);
    if (result == null) {
      throw new IllegalStateException("no benchmark " + method + " among " + results.keySet());
    }
    return result.getBenchmarkResults().stream()
        .flatMap(fork -> fork.getIterationResults().stream())
        .toList();
  }
}
