package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks for rules that are valid and yet do not do what their author thinks. */
final class Lint {
  private final Policy policy;
  private final long nowMillis;
  private final List<PolicyProblem> findings = new ArrayList<>();

  private Lint(Policy policy, long nowMillis) {
    this.policy = policy;
    this.nowMillis = nowMillis;
  }

  /** What was found, by file and line. */
  static List<PolicyProblem> of(Policy policy, long nowMillis) {
    Lint lint = new Lint(policy, nowMillis);
    lint.dead();
    lint.overruled();
    lint.duplicate();
    lint.unread();
    lint.patterns();
    lint.untested();
    return PolicyCompiler.sorted(lint.findings);
  }

  private void find(Rule rule, String found, String expected) {
    findings.add(
        PolicyCompiler.problem(rule.source(), "rule '" + rule.id() + "' " + found, expected));
  }

  private void dead() {
    for (Rule rule : policy.rules()) {
      if (rule.mode() == Mode.OFF) {
        find(rule, "is dead: it is switched off", "mode enforce or shadow, or no such rule");
      } else if (rule.expiresMillis() <= nowMillis) {
        find(rule, "is dead: it has expired", "a later time, or no such rule");
      } else if (contradicts(rule.when())) {
        find(rule, "is dead: two of its conditions exclude each other", "conditions that can hold");
      }
    }
  }

  /** Whether one value is asked to equal two different texts at once. */
  private static boolean contradicts(Condition condition) {
    if (!(condition instanceof Condition.All all)) {
      return false;
    }
    Map<String, Set<String>> equal = new HashMap<>();
    for (Condition part : all.parts()) {
      if (contradicts(part)) {
        return true;
      }
      if (part instanceof ValueCondition value
          && value.exists()
          && value.test().text() instanceof TextTest.Equal test
          && !value.path().toString().contains("*")) {
        String key = value.origin() + " " + value.path();
        Set<String> known = equal.computeIfAbsent(key, _ -> new HashSet<>(test.values()));
        known.retainAll(test.values());
        if (known.isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Rules that never decide, because a rule that always matches is stronger. */
  private void overruled() {
    for (Rule rule : policy.rules()) {
      for (Rule other : policy.rules()) {
        if (other.id().equals(rule.id())
            || !other.isConstant()
            || !covers(other.tools(), rule.tools())) {
          continue;
        }
        int force = other.outcome().compareTo(rule.outcome());
        if (force > 0) {
          find(
              rule,
              "is unreachable: "
                  + other.id()
                  + " always says "
                  + YamlReader.wordOf(other.outcome())
                  + " of the same tools",
              "a condition in " + other.id() + ", or no such rule");
        } else if (force == 0 && other.risk().compareTo(rule.risk()) >= 0 && adds(rule, other)) {
          find(
              rule,
              "is shadowed: " + other.id() + " always says the same of the same tools",
              "another decision, risk or obligation, or no such rule");
        }
      }
    }
  }

  private static boolean adds(Rule rule, Rule other) {
    return other.obligations().containsAll(rule.obligations())
        && (!rule.isConstant() || rule.id().compareTo(other.id()) > 0);
  }

  private static boolean covers(List<Glob> wide, List<Glob> narrow) {
    return narrow.stream()
        .allMatch(n ->
            wide.stream()
                .anyMatch(w ->
                    w.pattern().equals(n.pattern())
                        || (n.isPlain() && w.matches(n.pattern()))
                        || w.pattern().equals("*")));
  }

  private void duplicate() {
    Map<String, Rule> seen = new HashMap<>();
    for (Rule rule : policy.rules()) {
      if (rule.when() instanceof Condition.Always) {
        continue;
      }
      String same = rule.tools().stream().map(Glob::pattern).toList() + whole(rule.when());
      Rule other = seen.putIfAbsent(same, rule);
      if (other != null) {
        find(rule, "is a duplicate of " + other.id(), "one rule for one condition");
      } else {
        alternative(rule);
      }
    }
  }

  private static String whole(Condition condition) {
    return condition
        .toString()
        .replaceAll("Source\\[[^\\]]*]", "")
        .replaceAll("Source\\[.*?, text=", "");
  }

  /** A rule whose condition is one of the alternatives of a stronger rule's. */
  private void alternative(Rule rule) {
    String text = whole(rule.when());
    for (Rule other : policy.rules()) {
      if (!other.id().equals(rule.id())
          && other.when() instanceof Condition.Any any
          && other.unless().isEmpty()
          && other.outcome().compareTo(rule.outcome()) >= 0
          && covers(other.tools(), rule.tools())
          && any.parts().stream().anyMatch(part -> whole(part).equals(text))) {
        find(
            rule,
            "is shadowed: its condition is one of the alternatives of " + other.id(),
            "a condition of its own, or no such rule");
      }
    }
  }

  /** Rules that ask what is executed, of tools of which nothing is read as a program. */
  private void unread() {
    for (Rule rule : policy.rules()) {
      if (asksWhatRuns(rule.when()) && rule.tools().stream().noneMatch(policy::reads)) {
        find(
            rule,
            "looks at executed-text of tools whose arguments no reader reads: it is the same as"
                + " text",
            "text, or an entry under reads for these tools");
      }
    }
  }

  private static boolean asksWhatRuns(Condition condition) {
    return switch (condition) {
      case ExecutedTextCondition _ -> true;
      case Condition.All all -> all.parts().stream().anyMatch(Lint::asksWhatRuns);
      case Condition.Any any -> any.parts().stream().anyMatch(Lint::asksWhatRuns);
      case Condition.Not not -> asksWhatRuns(not.part());
      default -> false;
    };
  }

  private void patterns() {
    policy
        .patterns()
        .forEach((regex, source) -> {
          String advice = PatternAdvice.of(regex);
          if (advice != null) {
            findings.add(
                PolicyCompiler.problem(
                    source,
                    "pattern '" + regex + "' " + advice,
                    "a pattern that says what it searches for"));
          }
        });
  }

  private void untested() {
    Set<String> tested = new HashSet<>();
    policy.cases().stream().filter(PolicyCase::matches).forEach(c -> tested.add("" + c.rule()));
    for (Rule rule : policy.rules()) {
      if (rule.mode() != Mode.OFF && !tested.contains(rule.id())) {
        find(rule, "has no test that it matches", "tests: {match: [..]}");
      }
    }
  }
}
