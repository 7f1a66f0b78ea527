package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyProblemsTest {
  @Test
  void tellsEveryProblemAtOnceWithItsPlace() {
    String yaml =
        """
        rules:
          - id: Bad Id
            text: x
            tools: t
            decision: alow
          - id: b
            text: x
            tool: t
            decision: deny
            when: {argument: x, regex: '(?!a)b'}
          - id: c
            text: x
            tools: t
            decision: ask
            approval: {quorum: 0}
            unless: nothing-known
        """;

    List<PolicyProblem> problems = problems(yaml);

    assertEquals(
        List.of("2:9", "5:15", "6:5", "8:5", "10:32", "15:24", "16:13"),
        problems.stream().map(p -> p.line() + ":" + p.column()).toList());
    assertTrue(problems.get(1).expected().contains("'allow'"), problems.get(1)::toString);
    assertTrue(problems.get(3).expected().contains("'tools'"), problems.get(3)::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"31d", "999999999d", "721h", "43201m"})
  void refusesTimesThatNobodyWaits(String time) {
    String yaml =
        "rules: [{id: a, text: x, tools: t, decision: ask, approval: {timeout: " + time + "}}]";

    assertEquals("30d at most", problems(yaml).getFirst().expected());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1ms", "30d", "720h"})
  void takesTimesUpToAMonth(String time) {
    String yaml =
        "rules: [{id: a, text: x, tools: t, decision: ask, approval: {timeout: " + time + "}}]";

    assertDoesNotThrow(() -> Policy.compile(Map.of("p.yaml", yaml), InstantSource.system()));
  }

  @Test
  void refusesTextThatIsNotYaml() {
    PolicyProblem problem = problems("rules: [a").getFirst();

    assertEquals("p.yaml", problem.file());
    assertTrue(problem.found().startsWith("YAML: "));
  }

  @Test
  void refusesARuleThatAllowsOnTheWordOfTheToolItself() {
    String yaml =
        "rules: [{id: a, text: x, tools: t, decision: allow, when: {annotation: readOnlyHint,"
            + " equals: 'true'}}]";

    assertTrue(problems(yaml).getFirst().found().contains("annotations"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{is: claimed}",
        "{any: [{argument: x, exists: true}, {not: {is: claimed}}]}",
        "{context: '**', equals: true}",
        "{context: '*.readOnlyHint', equals: true}",
        "{context: annotations.readOnlyHint, equals: true}",
        "{cel: 'context.annotations.readOnlyHint == true'}",
        "{cel: 'context[\"anno\" + \"tations\"].readOnlyHint == true'}",
        "{cel: 'context.exists(k, context[k].readOnlyHint == true)'}",
      })
  void refusesToAllowOnTheWordOfTheToolByWhateverWay(String condition) {
    String head = "conditions: {claimed: {annotation: readOnlyHint, equals: true}}\n";
    String allows =
        head + "rules: [{id: a, text: x, tools: t, decision: allow, when: " + condition + "}]";
    String lifts =
        head
            + ("exceptions: {mine: {when: " + condition + "}}\n")
            + "rules: [{id: a, text: x, tools: t, decision: deny, unless: mine}]";

    assertTrue(problems(allows).getFirst().found().contains("annotations"), condition);
    assertTrue(problems(lifts).getFirst().found().contains("annotations"), condition);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{context: sandbox.network, equals: none}",
        "{argument: annotations, equals: a}",
        "{cel: '\"sandbox\" in context && context[\"sandbox\"].network == \"none\"'}",
        "{cel: 'arguments.annotations == 5'}",
      })
  void allowsOnTheWordOfWhatTheToolDoesNotSay(String condition) throws PolicyException {
    Policy.compile(
        Map.of(
            "p.yaml",
            "rules: [{id: a, text: x, tools: t, decision: allow, when: " + condition + "}]"),
        InstantSource.system());
  }

  @Test
  void refusesAnExceptionThatALowerTierWantsFromAHigherOne() {
    String yaml =
        "exceptions: {mine: {tier: session, when: {argument: x, exists: true}}}\n"
            + "rules: [{id: a, text: x, tools: t, tier: guardrail, decision: deny, unless: mine}]";

    assertTrue(problems(yaml).getFirst().found().contains("tier session"));
  }

  @Test
  void refusesCelThatDoesNotTypeCheck() {
    String yaml = "rules: [{id: a, text: x, tools: t, decision: deny, when: {cel: 'tool > 3'}}]";

    assertTrue(problems(yaml).getFirst().found().startsWith("cel: "));
  }

  @Test
  void refusesToAllowWhatNoRuleIsAbout() {
    String yaml =
        "defaults: {decision: allow}\nrules: [{id: a, text: x, tools: t, decision: deny}]";

    assertEquals("ask or deny", problems(yaml).getFirst().expected());
  }

  @Test
  void refusesApproversWhoCannotAnswer() {
    for (String by : List.of("'role:agent'", "'role:auditor'", "'group:'", "'team:x'", "' '")) {
      String yaml =
          "rules: [{id: a, text: x, tools: t, decision: ask, approval: {by: " + by + "}}]";

      assertTrue(problems(yaml).getFirst().expected().contains("group:NAME"), by);
    }
  }

  @Test
  void refusesAKeyThatIsGivenTwice() {
    PolicyProblem problem =
        problems("rules:\n  - {id: a, text: x, tools: t, decision: deny, decision: allow}")
            .getFirst();

    assertEquals("key 'decision' is given twice in a rule", problem.found());
    assertEquals(2, problem.line());
  }

  @Test
  void refusesAFileThatRefersToItselfOrTooOftenToItsOwnParts() {
    StringBuilder laughs = new StringBuilder("texts:\n  t0: &t0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      laughs.append("  t%d: &t%d {any: [*t%d, *t%d]}\n".formatted(i, i, i - 1, i - 1));
    }

    for (String yaml :
        List.of(
            "rules: &r [*r]",
            laughs + "rules: []",
            "rules: " + "[".repeat(100) + "]".repeat(100))) {
      assertTrue(problems(yaml).getFirst().found().startsWith("the file is nested too deep"));
    }
  }

  private static List<PolicyProblem> problems(String yaml) {
    return assertThrows(
            PolicyException.class,
            () -> Policy.compile(Map.of("p.yaml", yaml), InstantSource.system()))
        .problems();
  }
}
