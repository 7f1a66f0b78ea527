package dev.gatehouse.cli;

import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Span;
import dev.gatehouse.policy.Explanation;
import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Collectors;

/** An explanation for a person to read; spans are written as slices, {@code command[16:18]}. */
final class ExplanationText {
  private ExplanationText() {}

  static void print(Explanation explanation, PrintStream out) {
    Decision decision = explanation.decision();
    out.printf(
        Locale.ROOT, "%s at %s, score %d%n", decision.outcome(), decision.risk(), decision.score());
    decision.reasons().forEach(reason -> out.println("  " + told(reason)));
    if (!decision.obligations().isEmpty()) {
      out.println(
          "obligations: "
              + decision.obligations().stream()
                  .map(Obligation::word)
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    out.println("to flip it: " + explanation.flip());
    explanation.changes().stream().skip(1).forEach(change -> out.println("        or: " + change));
    out.println("rules:");
    for (Explanation.RuleTrace trace : explanation.rules()) {
      out.printf(
          "  %-40s %-5s %-7s %s%n", trace.rule(), trace.decision(), trace.mode(), told(trace));
    }
  }

  private static String told(Reason reason) {
    String code = reason.code().equals(reason.rule()) ? "" : " (" + reason.code() + ")";
    String places =
        reason.spans().stream()
            .map(ExplanationText::slice)
            .distinct()
            .collect(Collectors.joining(", "));
    return reason.rule() + code + ": " + reason.text() + (places.isEmpty() ? "" : ", at " + places);
  }

  private static String slice(Span span) {
    return span.argument() + "[" + span.start() + ":" + span.end() + "]";
  }

  private static String told(Explanation.RuleTrace trace) {
    if (!trace.matched()) {
      return "fails at " + trace.place() + ": " + trace.failing();
    }
    if (trace.error() != null) {
      return "cannot be told: " + trace.error();
    }
    return trace.liftedBy() == null ? "matches" : "lifted by " + trace.liftedBy();
  }
}
