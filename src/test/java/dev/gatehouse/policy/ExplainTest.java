package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import dev.gatehouse.policy.Explanation.Change;
import dev.gatehouse.policy.Explanation.RuleTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExplainTest {
  private static final String ALLOW = rule("allow", "tools: [t, sh], decision: allow");
  private static final String SHELL = "reads: [{tools: sh, argument: command, as: shell}]\n";

  @Test
  void takesOutTheSmallestPartOfATextThatFlipsTheOutcome() throws PolicyException {
    Policy policy =
        policy(
            SHELL,
            ALLOW
                + rule(
                    "force", "tools: sh, when: {shell: {command: rm, flag: f}}, decision: deny"));

    Explanation explanation = explain(policy, "ls /tmp; rm -f a && echo done");

    assertEquals("without '-f' in command, the outcome would be allow", explanation.flip());
  }

  @Test
  void takesOutOneCommandOfAPipeline() throws PolicyException {
    Policy policy =
        policy(
            SHELL, ALLOW + rule("runs", "tools: sh, when: {shell: [bash, '-x']}, decision: ask"));

    assertEquals(
        List.of("without 'bash -x' in command, the outcome would be allow"),
        texts(explain(policy, "cat a | bash -x"), Change.Kind.TEXT));
  }

  @Test
  void putsInAWordOfTheTestsOfTheRuleThatIsNearest() throws PolicyException {
    Policy policy =
        policy(
            SHELL,
            ALLOW
                + rule(
                    "root",
                    "tools: sh, when: {shell: {command: rm, operand: /}}, decision: deny, tests:"
                        + " {match: [rm -r /]}"));

    assertEquals(
        "with '/' in place of 'y' in command, the outcome would be deny",
        explain(policy, "rm -x y").flip());
    assertEquals(
        "with '/' added in command, the outcome would be deny", explain(policy, "rm -x").flip());
  }

  @Test
  void replacesTheTextWhereNoWordIsEnough() throws PolicyException {
    Policy policy =
        policy(
            SHELL,
            ALLOW
                + rule(
                    "root",
                    "tools: sh, when: {shell: {command: rm, flag: r, operand: /}}, decision: deny,"
                        + " tests: {match: [rm -r /]}"));

    assertEquals(
        "with 'rm -r /' in place of 'ls' in command, the outcome would be deny",
        explain(policy, "ls").flip());
  }

  @Test
  void stepsOverTheEdgeOfANumber() throws PolicyException {
    Policy policy =
        policy(
            "", ALLOW + rule("much", "tools: t, when: {argument: n, above: 10}, decision: deny"));

    assertEquals(
        "with '11' as n in place of '10', the outcome would be deny",
        policy.explain(action("t", Map.of("n", 10))).flip());
    assertEquals(
        "with '10' as n in place of '12', the outcome would be allow",
        policy.explain(action("t", Map.of("n", 12))).flip());
  }

  @Test
  void changesOneNestedValue() throws PolicyException {
    Policy policy =
        policy(
            "",
            ALLOW
                + rule(
                    "path",
                    "tools: t, when: {argument: 'files[*].path', equals: x}, decision: deny"));
    List<Map<String, String>> files = List.of(Map.of("path", "a"), Map.of("path", "b"));

    assertEquals(
        "with 'x' as files[0].path in place of 'a', the outcome would be deny",
        policy.explain(action("t", Map.of("files", files))).flip());
  }

  @Test
  void saysThatTheContextOrTheToolWouldFlipIt() throws PolicyException {
    Policy policy =
        policy(
            "",
            ALLOW
                + rule(
                    "sealed",
                    "tools: other, when: {context: network, equals: none}, decision: allow"));

    Explanation explanation = policy.explain(action("other", Map.of()));

    assertEquals(
        List.of(
            "with 'none' as context.network, the outcome would be allow",
            "with tool 't', the outcome would be allow"),
        explanation.changes().stream().map(Change::toString).toList());
  }

  @Test
  void countsARuleThatCannotBeToldByWhatItThenSays() throws PolicyException {
    // Given
    Policy policy =
        policy(
            "",
            rule("allow", "tools: t, decision: ask")
                + rule(
                    "broken",
                    "tools: t, tier: guardrail, when: {cel: 'arguments.n > 1'}, decision: allow"));

    // When
    Explanation explanation = policy.explain(action("t", Map.of()));

    // Then
    assertEquals(Outcome.DENY, explanation.decision().outcome());
    RuleTrace trace = trace(explanation, "broken");
    assertTrue(trace.matched());
    assertNull(trace.failing());
    assertTrue(String.valueOf(trace.error()).startsWith("CEL: "), trace::toString);
    assertEquals(
        List.of("without rule broken, the outcome would be ask"),
        texts(explanation, Change.Kind.RULE));
  }

  @Test
  void saysThatARuleInShadowLiftedOrSwitchedOffWouldFlipIt() throws PolicyException {
    String exception = "exceptions: {calm: {text: x, when: {actor: role, equals: agent}}}\n";
    String when = "tools: t, when: {actor: session, equals: s1}, decision: deny";

    assertEquals(
        List.of("with rule one enforced, the outcome would be deny"),
        rules("", when + ", mode: shadow"));
    assertEquals(
        List.of("with rule one enforced, the outcome would be deny"),
        rules("", when + ", mode: 'off'"));
    assertEquals(
        List.of("with rule one enforced, the outcome would be deny"),
        rules("", when + ", expires: '2001-01-01T00:00:00Z'"));
    assertEquals(
        List.of("with rule one enforced in spite of exception calm, the outcome would be deny"),
        rules(exception, when + ", unless: calm"));
  }

  private static List<String> rules(String head, String rule) throws PolicyException {
    Policy policy =
        policy(head, ALLOW + rule("also", "tools: t, decision: allow") + rule("one", rule));
    return texts(policy.explain(action("t", Map.of())), Change.Kind.RULE);
  }

  @Test
  void saysPlainlyThatNothingFlipsIt() throws PolicyException {
    Policy policy =
        policy(
            "",
            rule("one", "tools: '*', decision: deny") + rule("two", "tools: '*', decision: deny"));

    Explanation explanation = policy.explain(action("t", Map.of("a", "b")));

    assertEquals(List.of(), explanation.changes());
    assertTrue(explanation.flip().startsWith("no single change of"), explanation.flip());
    assertTrue(explanation.tried() > 2, explanation.flip());
    assertFalse(explanation.cut());
  }

  @Test
  void listsRulesAboutOtherToolsWithTheTool() throws PolicyException {
    Policy policy = policy("", rule("a", "tools: [x, 'y*'], decision: deny") + ALLOW);

    Explanation explanation = policy.explain(action("t", Map.of()));

    assertEquals(List.of("allow", "a"), explanation.rules().stream().map(RuleTrace::rule).toList());
    assertEquals("tools: [x, y*]", trace(explanation, "a").failing());
  }

  @Test
  void decidesAsTheGateDoes() throws PolicyException, IOException {
    Policy builtIn =
        Policy.compile(new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    for (PolicyCase test : builtIn.cases()) {
      // Only what is asked for the first time: explaining counts for no rate.
      Decision explained = builtIn.explain(test.action()).decision();
      if (test.times() == 1) {
        assertEquals(builtIn.decide(test.action()).outcome(), explained.outcome(), test::toString);
      }
    }
    Policy plain =
        policy("", ALLOW + rule("a", "tools: t, when: {argument: a, equals: b}, decision: deny"));
    Object deep = "x";
    for (int i = 0; i < 100; i++) {
      deep = Map.of("a", deep);
    }
    Action action = action("t", Map.of("d", deep));
    assertEquals(plain.decide(action), plain.explain(action).decision());
  }

  @Test
  void saysThatItDidNotTryEverything() throws PolicyException {
    Policy policy =
        policy(SHELL, ALLOW + rule("rm", "tools: sh, when: {shell: rm}, decision: deny"));
    String hostile = "rm a;".repeat(200_000);

    Explanation explanation = explain(policy, hostile);

    assertEquals(Outcome.DENY, explanation.decision().outcome());
    assertTrue(explanation.cut());
    assertTrue(explanation.tried() < 100, explanation::flip);
    assertTrue(explanation.flip().contains("there are more"), explanation.flip());
  }

  @Test
  void triesLittleWhereThereIsMuch() throws PolicyException {
    Policy policy =
        policy(
            "", ALLOW + rule("a", "tools: t, when: {argument: '**', equals: b}, decision: deny"));
    Map<String, Object> many = new HashMap<>();
    IntStream.range(0, 50_000).forEach(i -> many.put("k" + i, i));

    Explanation explanation = policy.explain(action("t", many));

    assertTrue(explanation.cut());
    assertTrue(explanation.tried() < 100, explanation::flip);
  }

  private static List<String> texts(Explanation explanation, Change.Kind kind) {
    return explanation.changes().stream()
        .filter(change -> change.kind() == kind)
        .map(Change::toString)
        .toList();
  }

  private static RuleTrace trace(Explanation explanation, String rule) {
    return explanation.rules().stream()
        .filter(t -> t.rule().equals(rule))
        .findFirst()
        .orElseThrow();
  }

  private static Explanation explain(Policy policy, String command) {
    return policy.explain(action("sh", Map.of("command", command)));
  }

  private static Action action(String tool, Map<String, Object> arguments) {
    return new Action(new Actor("t", "a", Role.AGENT), "s1", tool, arguments, Map.of());
  }

  private static String rule(String id, String rest) {
    return "  - {id: " + id + ", text: x, " + rest + "}\n";
  }

  private static Policy policy(String head, String rules) throws PolicyException {
    return Policy.compile(Map.of("p.yaml", head + "rules:\n" + rules), InstantSource.system());
  }
}
