package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  void findsAPreviewOfToolsThatRunNoCode() throws PolicyException {
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, approval: {preview: true}}",
        "wants a preview of tools that run no code");
    assertFindsNo(
        "{id: a, text: x, tools: [t, 'py*'], decision: ask, approval: {preview: true}}",
        "wants a preview");
    assertFindsNo(
        "{id: all, text: x, tools: bash, decision: ask}, {id: one, text: x, tools: bash, decision:"
            + " ask, approval: {preview: true}, when: {argument: a, equals: b}}",
        "shadowed");
  }

  @Test
  void findsMorePersonsThanAreNamed() throws PolicyException {
    assertFinds(
        "{id: a, text: x, tools: t, decision: ask, approval: {by: ada, quorum: 2}}",
        "asks for 2 of [ada]");
    assertFindsNo(
        "{id: a, text: x, tools: t, decision: ask, approval: {by: [ada, ben], quorum: 2}}, {id: b,"
            + " text: x, tools: u, decision: ask, approval: {by: 'group:sre', quorum: 2}}",
        "nobody can ever approve");
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
  void findsAWeakerRuleWhoseConditionIsPartOfAStrongerOnes() throws PolicyException {
    String deny = rule("strong", "deny", "{argument: a, equals: b}");

    for (String weaker : List.of("ask", "allow")) {
      assertFinds(
          deny + rule("weak", weaker, "[{argument: c, equals: d}, {argument: a, equals: b}]"),
          "rule 'weak' is unreachable: strong says deny");
    }
    assertFindsNo(deny + rule("weak", "ask", "{argument: c, equals: d}"), "unreachable");
    assertFindsNo(
        deny.replace("text:", "mode: shadow, text:")
            + rule("weak", "ask", "[{argument: a, equals: b}, {argument: c, equals: d}]"),
        "unreachable");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {argument: a, equals: b}                     | {argument: a, in: [b, c]}
          {argument: a, equals: bcd}                   | {argument: a, starts: bc}
          {argument: a, above: 10}                     | {argument: a, at-least: 10}
          {argument: a, equals: b}                     | {argument: a, exists: true}
          {argument: a, exists: false}                 | {argument: a, equals: b, exists: false}
          {argument: a, equals: b}                     | {not: {argument: a, equals: c}}
          {argument: a, glob: 'bc*'}                   | {argument: a, glob: 'b*'}
          {text: {contains: rm -rf}}                   | {text: {contains: RM, ignore-case: true}}
          {text: {longer: 9}}                          | {text: {longer: 8}}
          {executed-text: {contains: abc}}             | {text: {contains: b}}
          {shell: {command: rm, flag: r, operand: /}}  | {shell: {command: [rm, dd], argument: /}}
          {shell: {command: mkfs.ext4}}                | {shell: 'mkfs*'}
          {shell: {command: cat, to: {command: [nc]}}} | {shell: {command: cat, to: [nc, curl]}}
          {python: {call: os.system, first: {equals: x}}} | {python: {call: .system, argument: {starts: x}}}
          {any: [{shell: rm}, {shell: dd}]}            | {any: [{shell: [rm, dd]}, {text: {contains: x}}]}
          """)
  void knowsWhatFollowsFromACondition(String narrow, String wide) throws PolicyException {
    assertFinds(
        rule("strong", "deny", wide) + rule("weak", "ask", narrow), "rule 'weak' is unreachable");
    assertFindsNo(rule("strong", "deny", narrow) + rule("weak", "ask", wide), "unreachable");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {argument: 'a[*]', equals: b}              | {argument: 'c[*]', equals: b}
          {argument: a, equals: B, ignore-case: true}| {argument: a, equals: b}
          {shell: {command: rm, first: a}}           | {shell: {command: rm, writes: a}}
          {text: {contains: a}}                      | {executed-text: {contains: a}}
          {argument: a, at-least: 10}                | {argument: a, above: 10}
          {argument: a, glob: 'b?'}                  | {argument: a, glob: '?b'}
          {cel: 'arguments.a == 1'}                  | {argument: a, equals: 1}
          """)
  void claimsNothingThatDoesNotFollow(String one, String other) throws PolicyException {
    assertFindsNo(rule("strong", "deny", other) + rule("weak", "ask", one), "unreachable");
    assertFindsNo(rule("strong", "ask", other) + rule("weak", "ask", one), "'weak' is shadowed");
    assertFindsNo(rule("a", "ask", "[" + one + ", " + other + "]"), "is dead");
  }

  @Test
  void sparesARuleThatSpeaksWhereTheStrongerOneIsLifted() throws PolicyException {
    String exceptions = "exceptions: {calm: {text: x, when: {argument: c, equals: d}}}\n";
    String strong = rule("strong", "deny", "{argument: a, equals: b}, unless: calm");
    String weak = "[{argument: a, equals: b}, {argument: e, equals: f}]";

    assertFindsNo(exceptions, strong + rule("weak", "ask", weak), "unreachable");
    assertFinds(exceptions, strong + rule("weak", "ask", weak + ", unless: calm"), "unreachable");
  }

  @Test
  void sparesARuleThatAddsToWhatAnotherSays() throws PolicyException {
    String wide = rule("wide", "ask", "{argument: a, exists: true}");
    String narrow = "{argument: a, equals: b}";

    assertFinds(wide + rule("narrow", "ask", narrow), "rule 'narrow' is shadowed");
    assertFindsNo(wide + rule("narrow", "ask", narrow + ", risk: high"), "shadowed");
    assertFindsNo(wide + rule("narrow", "ask", narrow + ", approval: {quorum: 2}"), "shadowed");
    assertFindsNo(wide + rule("narrow", "ask", narrow + ", approval: {by: ops}"), "shadowed");
    assertFindsNo(wide + rule("narrow", "allow", narrow + ", obligations: sandbox"), "unreachable");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {argument: a, equals: b}, tools: [t, u]     | {argument: a, equals: b}, tools: [u, t]
          {cel: 'arguments.a == 1'}                   | {cel: ' arguments.a == 1'}
          {argument: a, glob: ['b*', c]}              | {argument: a, glob: [c, 'b*']}
          [{argument: a, equals: b}, {text: {contains: c}}] | {all: [{text: {contains: c}}, {argument: a, equals: b}]}
          {text: {contains: 'a], text=b'}}            | {text: {contains: 'a], text=b'}}
          {shell: {command: rm, flag: f}}             | {shell: {flag: f, command: rm}}
          {argument: a, equals: b}, rate: {over: 3, within: 1m} | {argument: a, equals: b}, rate: {over: 3, within: 60s}
          """)
  void findsTheSameConditionInOtherWords(String one, String other) throws PolicyException {
    assertFinds(rule("a", "ask", one) + rule("b", "ask", other), "is a duplicate of");
  }

  @Test
  void tellsRulesApartThatOnlyLookAlike() throws PolicyException {
    assertFindsNo(
        rule("a", "ask", "{text: {contains: 'a], text=b'}}")
            + rule("b", "ask", "{text: {contains: 'a], text=c'}}"),
        "duplicate");
    assertFindsNo(
        rule("a", "ask", "{cel: 'arguments.a == 1'}")
            + rule("b", "ask", "{cel: 'arguments.a == 2'}"),
        "duplicate");
    assertFindsNo(
        "{id: a, text: x, tools: t, decision: ask, rate: {over: 3, within: 1m}},"
            + " {id: b, text: x, tools: t, decision: deny, rate: {over: 9, within: 1m}}",
        "duplicate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{argument: a, equals: b}, {argument: a, equals: c}]",
        "[{argument: a, starts: b}, {argument: a, starts: c}]",
        "[{argument: a, ends: b}, {argument: a, ends: c}]",
        "{argument: a, equals: b, longer: 5}",
        "{argument: a, longer: 5, shorter: 3}",
        "{argument: a, at-least: 5, at-most: 3}",
        "{argument: a, above: 5, below: 5}",
        "[{argument: a, at-least: 5}, {argument: a, below: 5}]",
        "[{argument: a, equals: 3}, {argument: a, above: 5}]",
        "[{argument: a, exists: false}, {argument: a, equals: b}]",
        "[{argument: a, equals: b}, {not: {argument: a, in: [b, c]}}]",
        "[{shell: rm}, {not: {shell: [rm, dd]}}]",
        "{any: [{argument: a, above: 5, below: 4}, {argument: a, longer: 2, shorter: 2}]}",
        "{shell: {all: [{command: rm}, {command: dd}]}}",
        "{shell: {command: rm, not: {command: [rm, mv]}}}",
        "{shell: {operands: {least: 3, most: 2}}}",
        "{python: {all: [{call: os.system}, {call: os.popen}]}}",
        "[{argument: a, equals: b}, {not: {argument: a, exists: true}}]",
        "{actor: role, equals: manager}",
        "{actor: tool, equals: other}",
      })
  void findsConditionsThatExcludeEachOther(String condition) throws PolicyException {
    assertFinds(rule("a", "ask", condition), "is dead");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{argument: 'a[*]', equals: b}, {argument: 'a[*]', equals: c}]",
        "[{argument: a, starts: b}, {argument: a, starts: bc}]",
        "[{argument: a, starts: b}, {argument: a, ends: c}]",
        "[{shell: rm}, {shell: dd}]",
        "[{argument: a, at-least: 5}, {argument: a, at-most: 5}]",
        "[{text: {contains: a}}, {not: {executed-text: {contains: a}}}]",
        "[{cel: 'arguments.a == 1'}, {not: {cel: 'arguments.a == 1'}}]",
        "{actor: role, equals: operator}",
        "{actor: tool, equals: t}",
      })
  void sparesConditionsThatCanHoldTogether(String condition) throws PolicyException {
    assertFindsNo(rule("a", "ask", condition), "is dead");
  }

  @Test
  void findsARuleThatItsExceptionAlwaysLifts() throws PolicyException {
    String exceptions = "exceptions: {calm: {text: x, when: {argument: a, exists: true}}}\n";

    assertFinds(
        exceptions,
        rule("a", "deny", "{argument: a, equals: b}, unless: calm"),
        "is dead: its exception calm always lifts it");
    assertFindsNo(exceptions, rule("a", "deny", "{argument: b, equals: b}, unless: calm"), "dead");
  }

  @Test
  void findsARuleAboutCommandsOfAToolThatRunsNone() throws PolicyException {
    String rules = "{id: a, text: x, tools: plain, decision: ask, when: {shell: rm}}";

    assertFinds(rules, "is dead: it looks at what a program does");
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

  private static String rule(String id, String decision, String when) {
    String tools = when.contains("tools:") ? "" : "tools: t, ";
    return "{id: "
        + id
        + ", text: x, "
        + tools
        + "decision: "
        + decision
        + ", when: "
        + when
        + "},\n";
  }

  private static void assertFinds(String rules, String expected) throws PolicyException {
    assertFinds("", rules, expected);
  }

  private static void assertFinds(String head, String rules, String expected)
      throws PolicyException {
    List<String> findings = lint(head, rules).stream().map(PolicyProblem::found).toList();
    assertTrue(findings.stream().anyMatch(f -> f.contains(expected)), findings::toString);
  }

  private static void assertFindsNo(String rules, String unexpected) throws PolicyException {
    assertFindsNo("", rules, unexpected);
  }

  private static void assertFindsNo(String head, String rules, String unexpected)
      throws PolicyException {
    List<String> findings = lint(head, rules).stream().map(PolicyProblem::found).toList();
    assertTrue(findings.stream().noneMatch(f -> f.contains(unexpected)), findings::toString);
  }

  private static List<PolicyProblem> lint(String rules) throws PolicyException {
    return lint("", rules);
  }

  private static List<PolicyProblem> lint(String head, String rules) throws PolicyException {
    String reads = "reads: [{tools: t, argument: command, as: shell}]\n";
    return Policy.compile(
            Map.of("p.yaml", head + reads + "rules: [" + rules + "]"), InstantSource.system())
        .lint();
  }
}
