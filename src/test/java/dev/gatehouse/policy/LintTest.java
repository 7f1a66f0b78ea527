package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LintTest {
  @Test
  void findsARuleThatAStrongerOneAlwaysOverrules() throws PolicyException {
    assertFinds(
        "{id: all, text: x, tools: '*', decision: deny}, {id: one, text: x, tools: t, decision:"
            + " ask}",
        "rule 'one' is unreachable");
  }

  @Test
  void findsARuleThatAddsNothing() throws PolicyException {
    assertFinds(
        "{id: all, text: x, tools: t, decision: ask}, {id: one, text: x, tools: t, decision: ask,"
            + " when: {argument: a, equals: b}}",
        "rule 'one' is shadowed");
  }

  @Test
  void findsTwoRulesWithOneCondition() throws PolicyException {
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, when: {argument: a, equals: b}}, {id: b, text:"
            + " x, tools: t, decision: ask, when: {argument: a, equals: b}}",
        "is a duplicate of");
  }

  @Test
  void findsARuleThatCanNeverHold() throws PolicyException {
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, when: [{argument: a, equals: b}, {argument: a,"
            + " equals: c}]}",
        "is dead");
    assertFinds("{id: a, text: x, tools: t, decision: ask, mode: 'off'}", "is dead");
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, expires: '2001-01-01T00:00:00Z'}", "is dead");
  }

  @Test
  void findsPatternsThatHoldLessThanTheySeem() throws PolicyException {
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, when: {argument: a, regex: '^rm -rf'}}",
        "anchored");
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, when: {argument: a, regex: '^rm|dd'}}",
        "silently anchored");
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, when: {executed-text: {regex: '^rm -rf'}}}",
        "anchored");
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, when: {argument: a, regex: '.*rm'}}",
        "quadratic");
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, when: {argument: a, regex: '(a+)+b'}}",
        "repeats a repetition");
  }

  @Test
  void findsARuleAboutExecutedTextThatNoReaderReads() throws PolicyException {
    String rule =
        "rules: [{id: a, text: x, tools: t, decision: ask, when: {not: {executed-text: {contains:"
            + " abc}}}, tests: {match: [{tool: t, arguments: {a: x}}]}}]";
    String reads = "reads: [{tools: 't*', argument: a, as: shell}]\n";
    InstantSource clock = InstantSource.system();

    List<PolicyProblem> unread = Policy.compile(Map.of("p.yaml", rule), clock).lint();

    assertEquals(1, unread.size());
    assertTrue(unread.getFirst().found().contains("no reader reads"), unread::toString);
    assertEquals(List.of(), Policy.compile(Map.of("p.yaml", reads + rule), clock).lint());
  }

  @Test
  void findsRulesWithoutTests() throws PolicyException {
    assertFinds("{id: a, text: x, tools: t, decision: ask}", "has no test");
  }

  @Test
  void findsNothingInAPlainPolicy() throws PolicyException {
    assertEquals(
        List.of(), lint("{id: a, text: x, tools: t, decision: ask, tests: {match: [{tool: t}]}}"));
  }

  private static void assertFinds(String rules, String expected) throws PolicyException {
    List<String> findings = lint(rules).stream().map(PolicyProblem::found).toList();
    assertTrue(findings.stream().anyMatch(f -> f.contains(expected)), findings::toString);
  }

  private static List<PolicyProblem> lint(String rules) throws PolicyException {
    return Policy.compile(Map.of("p.yaml", "rules: [" + rules + "]"), InstantSource.system())
        .lint();
  }
}
