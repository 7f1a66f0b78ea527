package dev.gatehouse.policy;

import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a policy's own tests. Each begins as if nothing had happened before. */
final class SelfTest {
  private SelfTest() {}

  /**
   * What is wrong, one problem for each test that fails; empty if the policy means what it says.
   */
  static List<PolicyProblem> run(Policy policy) {
    List<PolicyProblem> problems = new ArrayList<>();
    for (PolicyCase test : policy.cases()) {
      Rates rates = new Rates();
      Decision decision = policy.decide(test.action(), rates);
      for (int i = 1; i < test.times(); i++) {
        decision = policy.decide(test.action(), rates);
      }
      String wrong = wrong(test, decision);
      if (wrong != null) {
        problems.add(
            PolicyCompiler.problem(
                test.source(), "test: " + test.source().text() + " " + wrong, wanted(test)));
      }
    }
    return PolicyCompiler.sorted(problems);
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
