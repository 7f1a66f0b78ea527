package dev.gatehouse.policy;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Span;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts together what the rules that match say of one action. Immutable. */
final class Verdict {
  /** Reasons of one decision that are told; of the others only how many they are. */
  static final int MOST_REASONS = 64;

  /** Reason code: a rule, or the engine itself, failed. */
  static final String ERROR = "policy.error";

  /** Reason code: part of the action was not looked at. */
  static final String CUT = "policy.cut";

  private final String digest;
  private final PolicyCompiler.Defaults defaults;

  Verdict(String digest, PolicyCompiler.Defaults defaults) {
    this.digest = digest;
    this.defaults = defaults;
  }

  /**
   * What came of one rule.
   *
   * @param spans what matched
   * @param liftedBy the exception that lifts it; null for none
   * @param error why it could not be told; null if it could
   */
  record Match(Rule rule, List<Span> spans, @Nullable String liftedBy, @Nullable String error) {
    /** Whether it is an ordinary match without spans. */
    boolean isPlain() {
      return spans.isEmpty() && liftedBy == null && error == null && rule.mode() == Mode.ENFORCE;
    }
  }

  /**
   * The decision.
   *
   * @param matches those that decide first coming first
   * @param cut whether part of the action was not looked at
   */
  Decision of(List<Match> matches, boolean cut) {
    Outcome outcome = null;
    Risk risk = Risk.LOW;
    int score = 0;
    List<Reason> reasons = new ArrayList<>(matches.size() + 1);
    List<Reason> asides = new ArrayList<>(2);
    Set<Obligation> obligations = EnumSet.noneOf(Obligation.class);
    ApprovalTerms terms = null;
    Risk asked = Risk.LOW;
    for (Match match : matches) {
      Rule rule = match.rule();
      if (rule.mode() == Mode.SHADOW || match.liftedBy() != null) {
        asides.add(aside(match));
        continue;
      }
      Outcome own = match.error() == null ? rule.outcome() : rule.onError();
      Risk ownRisk = match.error() == null ? rule.risk() : rule.risk().max(Risk.HIGH);
      if (outcome == null || own.compareTo(outcome) > 0) {
        outcome = own;
        reasons.addFirst(reason(match));
      } else {
        reasons.add(reason(match));
      }
      risk = risk.max(ownRisk);
      score = Math.max(score, rule.score());
      obligations.addAll(rule.obligations());
      if (own == Outcome.ASK) {
        terms = and(terms, rule.terms());
        if (match.error() != null) {
          terms = terms.and(usualTerms(ownRisk));
        }
        asked = asked.max(ownRisk);
      }
    }
    if (cut) {
      reasons.add(new Reason("policy", CUT, "part of the action cannot be read", List.of()));
      risk = risk.max(Risk.HIGH);
      score = Math.max(score, RuleReader.usualScore(Risk.HIGH));
      terms = and(terms, usualTerms(Risk.HIGH));
      asked = asked.max(Risk.HIGH);
      if (outcome == null && defaults.outcome() == Outcome.DENY) {
        outcome = Outcome.DENY;
      } else if (outcome == null || outcome == Outcome.ALLOW) {
        outcome = Outcome.ASK;
      }
    }
    if (outcome == null) {
      outcome = defaults.outcome();
      risk = risk.max(defaults.risk());
      score = Math.max(score, RuleReader.usualScore(risk));
      terms = defaults.terms();
      asked = risk;
      reasons.add(
          new Reason("policy", "policy.no-rule", "no rule says that this may be done", List.of()));
    }
    reasons.addAll(asides);
    if (terms != null && risk.compareTo(asked) > 0) {
      // The risk is that of a rule that does not ask.
      terms = terms.and(usualTerms(risk));
    }
    return new Decision(
        outcome,
        risk,
        score,
        reasons.subList(0, Math.min(reasons.size(), MOST_REASONS)),
        Math.max(0, reasons.size() - MOST_REASONS),
        obligations,
        outcome == Outcome.ASK ? terms : null,
        digest);
  }

  /** The decision if the engine itself fails. */
  Decision failed(Throwable failure) {
    return new Decision(
        Outcome.DENY,
        Risk.HIGH,
        RuleReader.usualScore(Risk.HIGH),
        List.of(
            new Reason(
                "policy",
                ERROR,
                "the action could not be judged: " + failure.getClass().getSimpleName(),
                List.of())),
        0,
        Set.of(),
        null,
        digest);
  }

  private static Reason reason(Match match) {
    Rule rule = match.rule();
    return match.error() == null
        ? new Reason(rule.id(), rule.code(), rule.text(), match.spans())
        : new Reason(
            rule.id(), ERROR, "the rule could not be evaluated: " + match.error(), List.of());
  }

  /** What is told but does not decide: shadow rules, and rules that an exception lifts. */
  private static Reason aside(Match match) {
    Rule rule = match.rule();
    if (match.liftedBy() != null) {
      return new Reason(
          rule.id(),
          "policy.exception." + match.liftedBy(),
          "lifted by the exception " + match.liftedBy() + ": " + rule.text(),
          List.of());
    }
    return new Reason(
        rule.id(),
        "policy.shadow." + YamlReader.wordOf(rule.outcome()),
        "in shadow mode, would " + YamlReader.wordOf(rule.outcome()) + ": " + rule.text(),
        match.spans());
  }

  private ApprovalTerms usualTerms(Risk risk) {
    return defaults.usualTerms().of(risk);
  }

  private static ApprovalTerms and(@Nullable ApprovalTerms some, ApprovalTerms more) {
    return some == null ? more : some.and(more);
  }
}
