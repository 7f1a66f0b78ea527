package dev.gatehouse.policy;

import dev.gatehouse.action.Outcome;
import dev.gatehouse.policy.TextTest.Part.Place;
import dev.gatehouse.policy.match.SearchPattern;
import dev.gatehouse.policy.shell.Language;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks for patterns that hold less than they seem to, or cost more. An anchor in a test of a whole
 * text is a trap where it makes the policy weaker: text that the agent puts before or behind hides
 * what is searched for. A word, a path and a name have one start and one end.
 */
final class PatternLint {
  /** The pattern of a call of CEL's matches: of a value, or with the value as first argument. */
  private static final Pattern CEL_MATCHES =
      Pattern.compile(
          "matches\\s*\\((?:[^\"'(),]*,)?\\s*(r?)(\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*')");

  private final Policy policy;
  private final Set<PolicyProblem> findings = new LinkedHashSet<>();

  PatternLint(Policy policy) {
    this.policy = policy;
    policy.patterns().forEach((regex, source) -> find(regex, source, PatternAdvice.ofCost(regex)));
    for (Rule rule : policy.rules()) {
      boolean mayWeaken = rule.outcome() != Outcome.ALLOW;
      condition(rule, rule.when(), mayWeaken);
      rule.unless().forEach(lift -> condition(rule, lift.when(), !mayWeaken));
    }
  }

  List<PolicyProblem> findings() {
    return new ArrayList<>(findings);
  }

  private void find(String regex, Source source, @Nullable String advice) {
    if (advice != null) {
      findings.add(
          PolicyCompiler.problem(
              source,
              "pattern '" + regex + "' " + advice,
              "a pattern that says what it searches for; \\A and \\z where the whole value is"
                  + " meant"));
    }
  }

  /**
   * Looks through a condition.
   *
   * @param weakens whether the policy gets weaker if it holds less often
   */
  private void condition(Rule rule, Condition condition, boolean weakens) {
    switch (condition) {
      case Condition.All all -> all.parts().forEach(part -> condition(rule, part, weakens));
      case Condition.Any any -> any.parts().forEach(part -> condition(rule, part, weakens));
      case Condition.Not not -> condition(rule, not.part(), !weakens);
      case TextCondition text -> whole(text.test(), text.source(), weakens, !isOfStatements(text));
      case ExecutedTextCondition text -> whole(text.test(), text.source(), weakens, true);
      case ValueCondition value -> value(rule, value, weakens);
      case CelCondition cel -> cel(cel, weakens);
      default -> {}
    }
  }

  /** Whether each text is one statement, which has a beginning that nothing can stand before. */
  private static boolean isOfStatements(TextCondition text) {
    return text.languages().equals(Set.of(Language.SQL));
  }

  private void value(Rule rule, ValueCondition value, boolean weakens) {
    TextTest test = value.test().text();
    if (test != null && value.origin() != ValueCondition.Origin.ACTOR) {
      boolean program =
          value.origin() == ValueCondition.Origin.ARGUMENT
              && policy.readsAsProgram(rule, value.path().toString());
      whole(test, value.source(), weakens == value.exists(), program);
    }
  }

  /**
   * Looks through a test of a whole text.
   *
   * @param weakens whether the policy gets weaker if it holds less often
   * @param program whether the text is a program, or any text at all, of which no part has a place
   */
  private void whole(TextTest test, Source source, boolean weakens, boolean program) {
    switch (test) {
      case TextTest.All all -> all.tests().forEach(t -> whole(t, source, weakens, program));
      case TextTest.Any any -> any.tests().forEach(t -> whole(t, source, weakens, program));
      case TextTest.Not not -> whole(not.test(), source, !weakens, program);
      case TextTest.Regex regex -> anchors(regex.pattern().regex(), source, weakens, program);
      case TextTest.Part part when program && weakens && part.place() != Place.ANYWHERE ->
          findings.add(
              PolicyCompiler.problem(
                  source,
                  part.place() == Place.START
                      ? "'starts' is anchored at the start of the text: text before it hides it"
                      : "'ends' is anchored at the end of the text: text behind it hides it",
                  "contains, or a test of the commands or calls in it"));
      default -> {}
    }
  }

  private void anchors(String regex, Source place, boolean weakens, boolean program) {
    String advice = PatternAdvice.ofPartialAnchor(regex);
    if (advice == null && weakens) {
      advice = program ? PatternAdvice.ofAnchor(regex) : PatternAdvice.ofSilentAnchor(regex);
    }
    find(regex, policy.patterns().getOrDefault(regex, place), advice);
  }

  private void cel(CelCondition cel, boolean weakens) {
    Matcher matcher = CEL_MATCHES.matcher(cel.expression());
    while (matcher.find()) {
      String quoted = matcher.group(2);
      String text = quoted.substring(1, quoted.length() - 1);
      String regex = matcher.group(1).isEmpty() ? text.replaceAll("\\\\(.)", "$1") : text;
      if (!isPattern(regex)) {
        continue;
      }
      String cost = PatternAdvice.ofCost(regex);
      find(regex, cel.source(), cost);
      if (cost == null) {
        anchors(regex, cel.source(), weakens, false);
      }
    }
  }

  /** CEL looks at a pattern when it is used. */
  private static boolean isPattern(String regex) {
    try {
      return !SearchPattern.compile(regex).regex().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
