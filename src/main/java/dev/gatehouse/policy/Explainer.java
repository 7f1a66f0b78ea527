package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.policy.Explanation.RuleTrace;
import dev.gatehouse.policy.match.Glob;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells, rule by rule, why an action gets its decision. Rates are looked at, not counted. */
final class Explainer {
  private static final int LONGEST = 160;

  private final Policy policy;
  private final Action action;
  private final Facts facts;

  private Explainer(Policy policy, Action action) {
    this.policy = policy;
    this.action = action;
    this.facts = policy.look(action);
  }

  static Explanation explain(Policy policy, Action action) {
    try {
      return new Explainer(policy, action).run();
    } catch (RuntimeException | StackOverflowError e) {
      return new Explanation(policy.verdict().failed(e), List.of(), List.of(), 0, false);
    }
  }

  private Explanation run() {
    List<Verdict.Match> matches = new ArrayList<>();
    List<RuleTrace> about = new ArrayList<>();
    List<RuleTrace> others = new ArrayList<>();
    for (Rule rule : policy.rules()) {
      if (!rule.isAbout(action.tool())) {
        others.add(trace(rule, null, tools(rule), rule.source()));
        continue;
      }
      Verdict.Match match = Policy.match(rule, facts);
      if (match == null) {
        about.add(failing(rule));
      } else {
        matches.add(match);
        about.add(trace(rule, match, null, rule.source()));
      }
    }
    about.addAll(others);
    Decision decision = policy.foresee(action, facts.nowMillis);
    FlipSearch search = new FlipSearch(policy, facts, decision, matches);
    return new Explanation(decision, about, search.run(), search.tried(), search.isCut());
  }

  /** What came of a rule about the tool that does not match. */
  private RuleTrace failing(Rule rule) {
    if (rule.mode() == Mode.OFF) {
      return trace(rule, null, "mode: off", rule.source());
    }
    if (facts.nowMillis >= rule.expiresMillis()) {
      return trace(rule, null, "expires: it has", rule.source());
    }
    Source place = rule.when().firstFailing(facts).source();
    return trace(rule, null, place.text(), place);
  }

  private static RuleTrace trace(
      Rule rule, Verdict.@Nullable Match match, @Nullable String failing, Source place) {
    return new RuleTrace(
        rule.id(),
        YamlReader.wordOf(rule.outcome()),
        YamlReader.wordOf(rule.mode()),
        match != null,
        match == null ? null : match.liftedBy(),
        failing,
        match == null ? null : match.error(),
        place.file() + ":" + place.line());
  }

  private static String tools(Rule rule) {
    String text = "tools: " + rule.tools().stream().map(Glob::pattern).toList();
    return text.length() > LONGEST ? text.substring(0, LONGEST) + ".." : text;
  }
}
