package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Span;
import dev.gatehouse.policy.Explanation.RuleTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells, rule by rule, why an action gets its decision. Rates are looked at, not counted. */
final class Explainer {
  private final Policy policy;
  private final Facts facts;
  private final List<Rule> rules;

  private Explainer(Policy policy, Action action) {
    this.policy = policy;
    this.facts = policy.look(action);
    this.rules = policy.rules().stream().filter(rule -> rule.isAbout(action.tool())).toList();
  }

  static Explanation explain(Policy policy, Action action) {
    return new Explainer(policy, action).run();
  }

  private Explanation run() {
    List<Verdict.Match> matches = new ArrayList<>();
    List<RuleTrace> traces = new ArrayList<>();
    for (Rule rule : rules) {
      Verdict.Match match = Policy.match(rule, facts);
      if (match != null) {
        matches.add(match);
      }
      traces.add(trace(rule, match));
    }
    Decision decision = policy.verdict().of(matches, facts.cut());
    return new Explanation(decision, traces, flip(decision, matches));
  }

  private RuleTrace trace(Rule rule, Verdict.@Nullable Match match) {
    Source place = rule.source();
    String failing = null;
    if (match == null) {
      Condition first = failing(rule);
      if (first != null) {
        place = first.source();
        failing = place.text();
      } else {
        failing = rule.mode() == Mode.OFF ? "mode: off" : "expires";
      }
    } else if (match.error() != null) {
      failing = "error: " + match.error();
    }
    return new RuleTrace(
        rule.id(),
        YamlReader.wordOf(rule.outcome()),
        YamlReader.wordOf(rule.mode()),
        match != null,
        match == null ? null : match.liftedBy(),
        failing,
        place.file() + ":" + place.line());
  }

  private @Nullable Condition failing(Rule rule) {
    return holds(rule.when()) ? null : rule.when().firstFailing(facts);
  }

  private String flip(Decision decision, List<Verdict.Match> matches) {
    List<Verdict.Match> deciding =
        matches.stream()
            .filter(m -> m.liftedBy() == null && m.rule().mode() == Mode.ENFORCE)
            .filter(m -> m.rule().outcome() == decision.outcome())
            .toList();
    if (decision.outcome() != Outcome.ALLOW && !deciding.isEmpty()) {
      List<Verdict.Match> rest = matches.stream().filter(m -> !deciding.contains(m)).toList();
      return "without what "
          + deciding.stream().map(this::what).collect(Collectors.joining(", and what "))
          + ", the outcome would be "
          + YamlReader.wordOf(policy.verdict().of(rest, facts.cut()).outcome());
    }
    return stronger(decision);
  }

  private String what(Verdict.Match match) {
    String texts =
        match.spans().stream()
            .map(this::textOf)
            .filter(text -> !text.isEmpty())
            .map(text -> "'" + text + "'")
            .distinct()
            .limit(3)
            .collect(Collectors.joining(" "));
    return match.rule().id() + " matches" + (texts.isEmpty() ? "" : " (" + texts + ")");
  }

  private String textOf(Span span) {
    for (Facts.Argument argument : facts.texts()) {
      if (argument.path().equals(span.argument()) && span.end() <= argument.text().length()) {
        String text = argument.text().substring(span.start(), span.end());
        return text.length() > 80 ? text.substring(0, 80) + ".." : text;
      }
    }
    return "";
  }

  /** The rule that lacks least to make the outcome stronger. */
  private String stronger(Decision decision) {
    Rule nearest = null;
    int least = Integer.MAX_VALUE;
    for (Rule rule : rules) {
      if (rule.mode() != Mode.ENFORCE || rule.outcome().compareTo(decision.outcome()) <= 0) {
        continue;
      }
      int lacking = lacking(rule.when());
      if (lacking > 0 && lacking < least) {
        least = lacking;
        nearest = rule;
      }
    }
    Condition missing = nearest == null ? null : failing(nearest);
    if (nearest == null || missing == null) {
      return "no rule about this tool could make the outcome another one";
    }
    return (least == 1 ? "if this held: " : "if this and " + (least - 1) + " more held: ")
        + missing.source().text()
        + ", rule "
        + nearest.id()
        + " would match and the outcome would be "
        + YamlReader.wordOf(nearest.outcome());
  }

  /** How many conditions would have to hold that do not. */
  private int lacking(Condition condition) {
    return switch (condition) {
      case Condition.All all -> all.parts().stream().mapToInt(this::lacking).sum();
      case Condition.Any any -> any.parts().stream().mapToInt(this::lacking).min().orElse(0);
      default -> holds(condition) ? 0 : 1;
    };
  }

  /** What cannot be told counts as not holding. */
  private boolean holds(Condition condition) {
    try {
      return condition.holds(facts);
    } catch (Condition.RuleFailure e) {
      return false;
    }
  }
}
