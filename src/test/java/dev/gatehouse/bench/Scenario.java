package dev.gatehouse.bench;

import java.util.List;
import java.util.Optional;

/**
 * One of what {@code ./gatehouse bench} runs, in a process of its own.
 *
 * @param mainClass its class
 * @param arguments of its main method
 * @param inCi whether it belongs to the small, fast subset
 */
record Scenario(String name, String text, String mainClass, List<String> arguments, boolean inCi) {
  private static final String PACKAGE = "dev.gatehouse.";

  /** In the order of the followed report, then what it has not. */
  static final List<Scenario> ALL =
      List.of(
          of("audit", "the log: one write, many writers, bulk", "audit.AuditBench", true)
              .with("2", "1", "249"),
          of(
              "sandbox",
              "executions, creation, 5, 20 and 100 at once",
              "sandbox.SandboxBench",
              false),
          of("classification", "policy in the process, by JMH", "bench.ClassificationBench", false),
          of("memory", "a million events", "audit.AuditBench", false).with("2", "1", "5"),
          of("cycles", "a thousand sandboxes", "sandbox.SandboxCycles", false),
          of("decisions", "HTTP, recorded, also at constant rates", "bench.DecisionBench", true)
              .with("durable"),
          of("decisions-async", "HTTP, audit async", "bench.DecisionBench", false).with("async"),
          of("batch", "a batch on one connection", "http.BatchBench", true),
          of("websocket", "pipelined on one WebSocket, and a crowd", "http.SocketBench", false)
              .with("30000"),
          of("approvals", "answers and 10,000 questions", "gate.ApprovalBench", false),
          of("scaling", "over connections and event loops", "bench.ScalingBench", false),
          of("mixed", "all at once for a minute", "bench.MixedBench", false),
          of("start", "to ready with a ready database", "bench.StartBench", false),
          of("contexts", "code in a held sandbox", "sandbox.SandboxBench", true).with("contexts"));

  private static Scenario of(String name, String text, String mainClass, boolean inCi) {
    return new Scenario(name, text, PACKAGE + mainClass, List.of(), inCi);
  }

  private Scenario with(String... some) {
    return new Scenario(name, text, mainClass, List.of(some), inCi);
  }

  static Optional<Scenario> named(String name) {
    return ALL.stream().filter(scenario -> scenario.name.equals(name)).findFirst();
  }

  /** All of a pace. */
  static List<Scenario> of(Pace pace) {
    // What contexts measures the sandboxes' scenario has, among others.
    return ALL.stream()
        .filter(one -> pace == Pace.CI ? one.inCi : !one.name.equals("contexts"))
        .toList();
  }
}
