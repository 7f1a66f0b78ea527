package dev.gatehouse.policy;

import static dev.gatehouse.policy.Rulebook.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Role;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final Actor AGENT = new Actor("acme", "ada", Role.AGENT);

  private long nowMillis = Instant.parse("2026-03-04T12:00:00Z").toEpochMilli();

  @Test
  void asksAboutAToolThatNoRuleNames() throws PolicyException {
    Decision decision = policy("").decide(action("unheard-of", Map.of()));

    assertEquals(Outcome.ASK, decision.outcome());
    assertEquals("policy.no-rule", decision.reasons().getFirst().code());
  }

  @Test
  void sharesOneDecisionAmongActionsOfAToolWithoutConditions() throws PolicyException {
    Policy policy = policy(rule("a", "tools: t, decision: allow"));

    assertSame(
        policy.decide(action("t", Map.of("x", 1))), policy.decide(action("t", Map.of("x", 2))));
  }

  @Test
  void letsTheStrongestOutcomeWinWhereverItStands() throws PolicyException {
    Policy policy =
        policy(
            rule("deny", "tools: 't*', tier: session, decision: deny")
                + rule("allow", "tools: t, tier: guardrail, decision: allow")
                + rule("ask", "tools: t, decision: ask"));

    Decision decision = policy.decide(action("t", Map.of()));

    assertEquals(Outcome.DENY, decision.outcome());
    assertEquals(
        List.of("deny", "ask", "allow"), decision.reasons().stream().map(Reason::rule).toList());
  }

  @Test
  void comparesWhatValuesSayAndNotTheirTypes() throws PolicyException {
    Policy policy =
        policy(rule("a", "tools: t, when: {argument: on, equals: 'true'}, decision: deny"));

    assertEquals(Outcome.DENY, outcome(policy, Map.of("on", true)));
    assertEquals(Outcome.DENY, outcome(policy, Map.of("on", "true")));
    assertEquals(Outcome.ASK, outcome(policy, Map.of("on", false)));
  }

  @Test
  void followsNestedPathsAndListsAndNumbers() throws PolicyException {
    Policy policy =
        policy(
            rule("size", "tools: t, when: {argument: 'files[*].size', above: 100}, decision: deny")
                + rule("deep", "tools: t, when: {argument: '**', contains: zap}, decision: deny"));

    assertEquals(Outcome.DENY, outcome(policy, Map.of("files", List.of(Map.of("size", 101)))));
    assertEquals(Outcome.ASK, outcome(policy, Map.of("files", List.of(Map.of("size", 100)))));
    assertEquals(Outcome.DENY, outcome(policy, Map.of("a", List.of(Map.of("b", "a zap")))));
  }

  @Test
  void evaluatesAllAnyAndNot() throws PolicyException {
    Policy policy =
        policy(
            rule(
                "a",
                "tools: t, decision: deny, when: {all: [{any: [{argument: x, equals: a}, {argument:"
                    + " x, equals: b}]}, {not: {argument: y, exists: true}}]}"));

    assertEquals(Outcome.DENY, outcome(policy, Map.of("x", "b")));
    assertEquals(Outcome.ASK, outcome(policy, Map.of("x", "b", "y", 1)));
    assertEquals(Outcome.ASK, outcome(policy, Map.of("x", "c")));
  }

  @Test
  void countsPerActorAndSessionOverAWindow() throws PolicyException {
    Policy policy =
        policy(
            rule("allow", "tools: t, decision: allow")
                + rule("burst", "tools: t, rate: {over: 2, within: 1m}, decision: deny"));

    assertEquals(Outcome.ALLOW, outcome(policy, Map.of()));
    assertEquals(Outcome.ALLOW, outcome(policy, Map.of()));
    assertEquals(Outcome.DENY, outcome(policy, Map.of()));
    nowMillis += 60_001;
    assertEquals(Outcome.ALLOW, outcome(policy, Map.of()));
  }

  @Test
  void whatIsReconsideredIsCountedOnce() throws PolicyException {
    Rulebook rules =
        Rulebook.of(
            rule("ask", "tools: t, decision: ask, rate: {over: 2, within: 1h}")
                + rule("deny", "tools: t, decision: deny, rate: {over: 3, within: 1h}"));
    Action action = action("t", Map.of());
    rules.policy().decide(action);
    rules.policy().decide(action);
    assertEquals(Outcome.ASK, rules.policy().decide(action).outcome());

    for (int i = 0; i < 9; i++) {
      assertEquals(Outcome.ASK, rules.policy().reconsider(action).outcome());
    }

    assertEquals(Outcome.DENY, rules.policy().decide(action).outcome());
    assertEquals(Outcome.ASK, rules.policy().reconsider(action).outcome());
  }

  @Test
  void explainsWithoutCounting() throws PolicyException {
    Policy policy =
        policy(
            rule("allow", "tools: t, decision: allow")
                + rule("burst", "tools: t, rate: {over: 1, within: 1m}, decision: deny"));

    for (int i = 0; i < 5; i++) {
      policy.explain(action("t", Map.of()));
    }

    assertEquals(Outcome.ALLOW, outcome(policy, Map.of()));
  }

  @Test
  void knowsTheTimeOfDayAcrossMidnight() throws PolicyException {
    Policy policy =
        policy(
            rule("allow", "tools: t, decision: allow")
                + rule(
                    "night",
                    "tools: t, when: {time: {from: '22:00', to: '06:00', zone: UTC}}, decision:"
                        + " deny"));

    assertEquals(Outcome.ALLOW, outcome(policy, Map.of()));
    nowMillis = Instant.parse("2026-03-04T23:30:00Z").toEpochMilli();
    assertEquals(Outcome.DENY, outcome(policy, Map.of()));
    nowMillis = Instant.parse("2026-03-05T05:59:00Z").toEpochMilli();
    assertEquals(Outcome.DENY, outcome(policy, Map.of()));
  }

  @Test
  void reportsAShadowRuleWithoutLettingItDecide() throws PolicyException {
    Policy policy =
        policy(
            rule("allow", "tools: t, decision: allow")
                + rule("shadow", "tools: t, decision: deny, mode: shadow")
                + rule("off", "tools: t, decision: deny, mode: 'off'"));

    Decision decision = policy.decide(action("t", Map.of()));

    assertEquals(Outcome.ALLOW, decision.outcome());
    assertEquals(
        List.of("allow", "policy.shadow.deny"),
        decision.reasons().stream().map(Reason::code).toList());
  }

  @Test
  void forgetsARuleThatHasExpired() throws PolicyException {
    Policy policy =
        policy(
            rule("allow", "tools: t, decision: allow")
                + rule("brief", "tools: t, decision: deny, expires: '2026-03-04T13:00:00Z'"));

    assertEquals(Outcome.DENY, outcome(policy, Map.of()));
    nowMillis = Instant.parse("2026-03-04T13:00:00Z").toEpochMilli();
    assertEquals(Outcome.ALLOW, outcome(policy, Map.of()));
  }

  @Test
  void tellsThatAnExceptionLiftedARule() throws PolicyException {
    Policy policy =
        policy(
            "exceptions: {clean: {when: {argument: dir, equals: /tmp}}}\n",
            rule("allow", "tools: t, decision: allow")
                + rule("remove", "tools: t, decision: deny, unless: clean"));

    Decision decision = policy.decide(action("t", Map.of("dir", "/tmp")));

    assertEquals(Outcome.ALLOW, decision.outcome());
    assertEquals("policy.exception.clean", decision.reasons().getLast().code());
    assertEquals(Outcome.DENY, outcome(policy, Map.of("dir", "/")));
  }

  @Test
  void evaluatesCel() throws PolicyException {
    Policy policy =
        policy(
            rule(
                "a",
                "tools: t, when: {cel: 'arguments.n > 3 && actor.tenant == \"acme\"'}, decision:"
                    + " deny"));

    assertEquals(Outcome.DENY, outcome(policy, Map.of("n", 4)));
    assertEquals(Outcome.ASK, outcome(policy, Map.of("n", 3)));
  }

  @Test
  void failsClosedWhenARuleCannotBeEvaluated() throws PolicyException {
    String when = "tools: t, when: {cel: 'arguments.missing > 3'}, decision: allow";
    Policy guardrail = policy(rule("g", when + ", tier: guardrail"));
    Policy project = policy(rule("p", when + ", tier: project"));

    assertEquals(Outcome.DENY, outcome(guardrail, Map.of()));
    assertEquals(Outcome.ASK, outcome(project, Map.of()));
    assertEquals("policy.error", project.decide(action("t", Map.of())).reasons().getFirst().code());
  }

  @Test
  void asksAboutArgumentsNestedTooDeepToBeRead() throws PolicyException {
    assertAsksAboutDeepArguments("reads: [{tools: t, argument: command, as: shell}]\n");
    assertAsksAboutDeepArguments("");
  }

  private void assertAsksAboutDeepArguments(String head) throws PolicyException {
    Policy policy =
        policy(
            head,
            rule("allow", "tools: t, decision: allow")
                + rule("zap", "tools: t, when: {text: {contains: zap}}, decision: deny"));
    Object nested = "zap";
    for (int i = 0; i < 100; i++) {
      nested = List.of(nested);
    }
    Map<String, Object> arguments = new HashMap<>(Map.of("x", nested));

    assertEquals(Outcome.ASK, outcome(policy, arguments));
  }

  @Test
  void explainsWhatFailsFirstAndWhatWouldFlipTheOutcome() throws PolicyException {
    Policy policy =
        policy(
            rule("allow", "tools: t, decision: allow")
                + rule(
                    "deny",
                    "tools: t, when: [{argument: a, equals: x}, {argument: b, equals: y}],"
                        + " decision: deny"));

    Explanation explanation = policy.explain(action("t", Map.of("a", "x")));

    assertEquals("{argument: b, equals: y}", explanation.rules().getFirst().failing());
    assertEquals("with 'y' as b, the outcome would be deny", explanation.flip());
    assertTrue(
        policy
            .explain(action("t", Map.of("a", "x", "b", "y")))
            .flip()
            .contains("the outcome would be allow"));
  }

  @Test
  void explainsEvenWhereARuleCannotBeEvaluated() throws PolicyException {
    Policy policy =
        policy(
            rule("allow", "tools: t, decision: allow")
                + rule(
                    "deny",
                    "tools: t, when: [{argument: a, equals: x}, {cel: 'arguments.b > 1'}], decision:"
                        + " deny"));

    assertEquals(
        "{argument: a, equals: x}",
        policy.explain(action("t", Map.of())).rules().getFirst().failing());
    assertTrue(policy.explain(action("t", Map.of("a", "x"))).rules().getFirst().matched());
  }

  private Outcome outcome(Policy policy, Map<String, Object> arguments) {
    return policy.decide(action("t", arguments)).outcome();
  }

  private static Action action(String tool, Map<String, Object> arguments) {
    return new Action(AGENT, "s1", tool, arguments, Map.of());
  }

  private static String rule(String id, String rest) {
    return "  - {id: " + id + ", text: x, " + rest + "}\n";
  }

  private Policy policy(String rules) throws PolicyException {
    return policy("", rules);
  }

  private Policy policy(String head, String rules) throws PolicyException {
    String first = rule("none", "tools: some-other-tool, decision: deny");
    InstantSource clock = () -> Instant.ofEpochMilli(nowMillis);
    return Policy.compile(Map.of("p.yaml", head + "rules:\n" + first + rules), clock);
  }

  @Test
  void toolsThatTheSameRulesAreAboutHaveOnePlanWhateverTheyAreCalled() throws PolicyException {
    // Given
    Policy policy =
        Rulebook.of(
                rule("all", "tools: '*', decision: ask")
                    + rule("some", "tools: 'x*', decision: deny"))
            .policy();

    // When, then
    assertSame(policy.planOf("a"), policy.planOf("b"));
    assertSame(policy.planOf("x1"), policy.planOf("x2"));
    assertNotSame(policy.planOf("a"), policy.planOf("x1"));
  }
}
