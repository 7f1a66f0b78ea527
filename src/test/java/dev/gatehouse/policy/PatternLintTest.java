package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatternLintTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "^rm",
        "(^rm)",
        "(?:^rm|^dd)",
        "(?i)^rm",
        "\\\\Arm",
        "\\\\s*^rm",
        "rm$",
        "(rm|dd)\\\\s*$",
        "rm\\\\z",
      })
  void findsAnAnchoredPattern(String regex) throws PolicyException {
    assertFinds("{text: {regex: \"" + regex + "\"}}", "is anchored at the");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "^rm|dd",
        "dd|^rm",
        "(^rm|dd) -f",
        "rm|dd$",
        "(rm|dd$)",
        "x(a|(b|^c))",
        "\\\\Arm|dd"
      })
  void findsAnAnchorThatBindsToOneAlternativeOnly(String regex) throws PolicyException {
    assertFinds("{text: {regex: \"" + regex + "\"}}", "silently anchored");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(^|;)rm(\\\\s|$)",
        "(?m)^rm$",
        "[^a]rm",
        "\\\\^rm",
        "rm\\\\$x",
        "\\\\brm\\\\b",
        "[$^]rm",
        "\\\\Q^rm$\\\\Ex",
      })
  void sparesWhatIsNoAnchorOrMeantAsAnAlternative(String regex) throws PolicyException {
    assertEquals(List.of(), found("", "{text: {regex: \"" + regex + "\"}}", "ask"));
  }

  @Test
  void sparesAnAnchorInAStatementOfSqlOfWhichItSaysThatItIsMeant() throws PolicyException {
    assertEquals(List.of(), found("", "{code: {language: sql, starts: 'drop '}}", "ask"));
    assertEquals(List.of(), found("", "{code: {language: sql, regex: '\\Adrop '}}", "ask"));
    assertEquals(1, found("", "{code: {language: sql, regex: '^drop '}}", "ask").size());
    assertEquals(1, found("", "{code: {language: [sql, php], regex: '\\Adrop '}}", "ask").size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{executed-text: {starts: rm}}",
        "{text: {ends: rm}}",
        "{code: {language: perl, starts: drop}}",
        "{argument: command, starts: rm}",
        "{cel: 'arguments.command.matches(\"^rm\")'}",
        "{cel: \"matches(arguments.command, '^rm')\"}",
        "{text: {any: [{contains: x}, {regex: '^rm'}]}}",
        "{text: {is: named}}",
        "{any: [{argument: a, equals: b}, {all: [{text: {is: named}}]}]}",
      })
  void findsAnAnchorWhereverAWholeTextIsTested(String condition) throws PolicyException {
    String named = "texts: {named: {regex: '^rm'}}\n";

    List<String> found = found(named, condition, "deny");

    assertTrue(found.stream().anyMatch(f -> f.contains("anchored")), found::toString);
  }

  @Test
  void sparesAnAnchorThatMakesThePolicyStricter() throws PolicyException {
    assertEquals(List.of(), found("", "{text: {regex: '^ls$'}}", "allow"));
    assertEquals(
        List.of(), found("", "[{text: {contains: x}}, {not: {text: {regex: '^ls$'}}}]", "ask"));
    assertEquals(1, found("", "{text: {regex: '^ls|cat$'}}", "allow").size());
  }

  @Test
  void sparesAnAnchorInAValueOfWhichItSaysThatItIsMeant() throws PolicyException {
    assertEquals(List.of(), found("", "{argument: path, regex: '\\.sh\\z'}", "ask"));
    assertEquals(List.of(), found("", "{argument: path, starts: /etc/}", "ask"));
    assertEquals(List.of(), found("", "{shell: {command: rm, operand: {regex: '^/etc'}}}", "ask"));
    assertEquals(1, found("", "{argument: path, regex: '^/etc'}", "ask").size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+b",
        "(\\\\w+\\\\s?)*!",
        "(.*a){20}b",
        "(a|a)*b",
        "(\\\\w|\\\\d)+!",
        "(\\\\s*\\\\w+)*!",
        "a\\\\s*\\\\s*b",
        "a.*.*b",
        ".*rm",
        "(.*rm)",
        "a.{500}b",
        "((ab){20}c){20}",
      })
  void findsAPatternThatIsDear(String regex) throws PolicyException {
    assertFinds("{text: {regex: \"" + regex + "\"}}", "pattern '");
    assertFinds("{shell: {command: x, operand: {regex: \"" + regex + "\"}}}", "pattern '");
    assertFinds(
        "{cel: 'arguments.a.matches(r\"" + regex.replace("\\\\", "\\") + "\")'}", "pattern '");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(\\\\w+\\\\.)+com",
        "([^/]*/)*x",
        "a.*b.*c",
        "\\\\w+\\\\s*=",
        "(ab|cd)*x",
        "-[a-z]{1,40}x",
        "(rm|dd)\\\\s+.*/dev",
      })
  void sparesAPatternThatIsNot(String regex) throws PolicyException {
    assertEquals(List.of(), found("", "{text: {regex: \"" + regex + "\"}}", "ask"));
  }

  @Test
  void saysThatAPatternInANamedTextIsDearEvenIfNoRuleUsesIt() throws PolicyException {
    List<String> found =
        found("texts: {named: [x], dear: {regex: '(a+)+b'}}\n", "{text: {is: named}}", "ask");

    assertTrue(found.getFirst().contains("repeats a repetition"), found::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[a", "(a", "a)", "[a\\\\", "x{1"})
  void leavesAloneWhatIsNoPattern(String regex) throws PolicyException {
    assertEquals(List.of(), found("", "{cel: 'arguments.a.matches(r\"" + regex + "\")'}", "ask"));
  }

  private static void assertFinds(String condition, String expected) throws PolicyException {
    List<String> found = found("", condition, "ask");
    assertTrue(found.stream().anyMatch(f -> f.contains(expected)), found::toString);
  }

  /** What is found but that the rule has no test. */
  private static List<String> found(String head, String condition, String decision)
      throws PolicyException {
    String yaml =
        head
            + "reads: [{tools: t, argument: command, as: shell}]\n"
            + "rules: [{id: a, text: x, tools: t, decision: "
            + decision
            + ", when: "
            + condition
            + "}]";
    return Policy.compile(Map.of("p.yaml", yaml), InstantSource.system()).lint().stream()
        .map(PolicyProblem::found)
        .filter(found -> !found.contains("has no test"))
        .toList();
  }
}
