package dev.gatehouse.policy;

import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a policy's own tests. Each begins as if nothing had happened before. A test without a time
 * is about the present one, but no rule has expired by then, and a rule that is switched off is
 * tested as if it counted: what was tested once does not fail because time goes by or a rule is not
 * needed for a while.
 */
final class SelfTest {
  private SelfTest() {}

  /**
   * What is wrong, one problem for each test that fails; empty if the policy means what it says.
   */
  static List<PolicyProblem> run(Policy policy) {
    List<PolicyProblem> problems = new ArrayList<>();
    Policy lasting = policy.lasting();
    Map<String, Rule> off =
        policy.rules().stream()
            .filter(rule -> rule.mode() == Mode.OFF)
            .collect(Collectors.toMap(Rule::id, Rule::enforced));
    for (PolicyCase test : policy.cases()) {
      Policy tested = test.atMillis() == null ? lasting : policy;
      Rule alone = test.rule() == null ? null : off.get(test.rule());
      String wrong = alone == null ? wrong(test, decide(tested, test)) : wrong(policy, test, alone);
      if (wrong != null) {
        problems.add(
            PolicyCompiler.problem(
                test.source(), "test: " + test.source().text() + " " + wrong, wanted(test)));
      }
    }
    return PolicyCompiler.sorted(problems);
  }

  private static Decision decide(Policy policy, PolicyCase test) {
    Rates rates = new Rates();
    long atMillis = atMillis(policy, test);
    Decision decision = policy.decide(test.action(), atMillis, rates);
    for (int i = 1; i < test.times(); i++) {
      decision = policy.decide(test.action(), atMillis, rates);
    }
    return decision;
  }

  private static long atMillis(Policy policy, PolicyCase test) {
    Long at = test.atMillis();
    return at == null ? policy.nowMillis() : at;
  }

  /** Of a rule that is switched off it is told only whether it would match. */
  private static @Nullable String wrong(Policy policy, PolicyCase test, Rule off) {
    Rule rule = test.atMillis() == null ? off.lasting() : off;
    Rates rates = new Rates();
    boolean matches = false;
    for (int i = 0; i < test.times(); i++) {
      Facts facts = policy.facts(test.action(), rates, atMillis(policy, test));
      Verdict.Match match = rule.isAbout(test.action().tool()) ? Policy.match(rule, facts) : null;
      matches = match != null && match.liftedBy() == null;
    }
    if (matches == test.matches()) {
      return null;
    }
    return (matches ? "would be matched by " : "would not be matched by ") + rule.id();
  }

  private static @Nullable String wrong(PolicyCase test, Decision decision) {
    if ((test.outcome() != null && test.outcome() != decision.outcome())
        || (test.risk() != null && test.risk() != decision.risk())) {
      return "gets " + told(decision);
    }
    String rule = test.rule();
    if (rule != null && test.matches() != told(decision, rule)) {
      return (test.matches() ? "is not matched by " : "is matched by ")
          + rule
          + ": "
          + told(decision);
    }
    return null;
  }

  private static boolean told(Decision decision, String rule) {
    for (Reason reason : decision.reasons()) {
      if (reason.rule().equals(rule) && !reason.code().startsWith("policy.exception.")) {
        return true;
      }
    }
    return false;
  }

  private static String told(Decision decision) {
    return YamlReader.wordOf(decision.outcome())
        + " at "
        + YamlReader.wordOf(decision.risk())
        + " by "
        + decision.reasons().stream().map(Reason::rule).toList();
  }

  private static String wanted(PolicyCase test) {
    List<String> wanted = new ArrayList<>();
    if (test.outcome() != null) {
      wanted.add("decision " + YamlReader.wordOf(test.outcome()));
    }
    if (test.risk() != null) {
      wanted.add("risk " + YamlReader.wordOf(test.risk()));
    }
    if (test.rule() != null) {
      wanted.add((test.matches() ? "a match of " : "no match of ") + test.rule());
    }
    return String.join(" and ", wanted);
  }
}
