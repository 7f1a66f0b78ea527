package dev.gatehouse.policy;

import static dev.gatehouse.policy.Rulebook.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Hours;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What many rules together say of one action. */
class VerdictTest {
  @Test
  void unitesObligationsAndTakesTheWorstRisk() throws PolicyException {
    Decision decision =
        Rulebook.of(
                rule("a", "tools: t, decision: ask, risk: high, obligations: sandbox")
                    + rule("b", "tools: t, decision: ask, obligations: [no-egress, full-audit]"))
            .decide();

    assertEquals(
        Set.of(Obligation.SANDBOX, Obligation.NO_EGRESS, Obligation.FULL_AUDIT),
        decision.obligations());
    assertEquals(Risk.HIGH, decision.risk());
  }

  @Test
  void aRulesTermsAreInItsDecision() throws PolicyException {
    assertEquals(
        new ApprovalTerms(List.of(List.of("group:sre", "ben")), 2, 600_000, true),
        terms(
            asking("a", "by: ['group:sre', ben], quorum: 2, timeout: 10m, reason-required: true")));
  }

  @Test
  void theTermsOfManyRulesHoldTogether() throws PolicyException {
    assertEquals(
        new ApprovalTerms(List.of(List.of("group:sre"), List.of("ada", "ben")), 2, 5_000, true),
        terms(
            asking("a", "by: 'group:sre', quorum: 2, timeout: 10m")
                + asking("b", "timeout: 5s, reason-required: true")
                + asking("c", "by: [ada, ben], timeout: 20m")
                + asking("d", "by: ['group:sre'], timeout: 20m")));
  }

  @Test
  void othersAreAskedLaterOnlyWhereAllRulesSayWhom() throws PolicyException {
    List<List<String>> later = List.of(List.of("group:oncall"), List.of("ada"));
    String rule = "timeout: 5s, escalate: ['group:oncall', ada]";

    assertEquals(new ApprovalTerms(List.of(), 1, 5_000, false, later), terms(asking("a", rule)));
    assertEquals(
        new ApprovalTerms(List.of(), 1, 5_000, false, later),
        terms(asking("a", rule) + asking("b", rule)));
    assertEquals(anyone(5_000, false), terms(asking("a", rule) + asking("b", "timeout: 10s")));
  }

  @Test
  void itIsTriedWhereAnyRuleWantsItAndWhoeverIsAsked() throws PolicyException {
    String rule = "timeout: 5s, preview: true, escalate: ada";

    ApprovalTerms both = terms(asking("a", rule) + asking("b", "timeout: 5s"));
    ApprovalTerms next = terms(asking("a", rule)).escalated();

    assertTrue(both.preview());
    assertTrue(next != null && next.preview());
    assertFalse(terms(asking("a", "timeout: 5s, preview: false")).preview());
  }

  @Test
  void remindersComeWhenTheFirstRuleWantsThemAndAllHoursOfDutyHold() throws PolicyException {
    Hours day =
        new Hours(
            LocalTime.of(8, 0), LocalTime.of(18, 0), Set.of(DayOfWeek.MONDAY), ZoneId.of("UTC"));
    Hours early =
        new Hours(LocalTime.of(6, 0), LocalTime.of(9, 0), Set.of(), ZoneId.of("Europe/Berlin"));
    String rule = "timeout: 5s, remind: 2s, duty: {from: '08:00', to: '18:00', days: monday}";
    String other =
        "timeout: 5s, remind: 1s, duty: {from: '06:00', to: '09:00', zone: Europe/Berlin}";

    assertEquals(
        new ApprovalTerms(List.of(), 1, 5_000, false, List.of(), 2_000, List.of(day)),
        terms(asking("a", rule)));
    assertEquals(
        new ApprovalTerms(List.of(), 1, 5_000, false, List.of(), 1_000, List.of(day, early)),
        terms(asking("a", rule) + asking("b", other) + asking("c", "timeout: 5s")));
  }

  @Test
  void whatIsCriticalNeedsAReasonWhicheverRuleSaysThatItIs() throws PolicyException {
    assertEquals(
        anyone(30_000, true),
        terms(
            rule("a", "tools: t, decision: ask, risk: medium")
                + rule("b", "tools: t, decision: allow, risk: critical")));
  }

  @Test
  void whatARuleLeavesOutItsRiskSays() throws PolicyException {
    // Given
    String head =
        "approval: {high: {by: 'group:sre', timeout: 10m, escalate: ben}, critical: {quorum: 2}}\n";
    List<List<String>> sre = List.of(List.of("group:sre"));
    List<List<String>> ben = List.of(List.of("ben"));

    // Then
    assertEquals(
        new ApprovalTerms(sre, 1, 600_000, false, ben),
        terms(head, rule("a", "tools: t, decision: ask, risk: high")));
    assertEquals(
        new ApprovalTerms(List.of(List.of("ada")), 1, 600_000, false, ben),
        terms(head, rule("a", "tools: t, decision: ask, risk: high, approval: {by: ada}")));
    assertEquals(
        new ApprovalTerms(List.of(), 2, 30_000, true),
        terms(head, rule("a", "tools: t, decision: ask, risk: critical")));
    assertEquals(
        anyone(120_000, false), terms(head, rule("a", "tools: t, decision: ask, risk: medium")));
    assertEquals(
        new ApprovalTerms(sre, 1, 120_000, false),
        terms(head, rule("a", "tools: t, decision: ask, when: {cel: 'arguments.missing > 3'}")),
        "what cannot be evaluated is of high risk");
    assertEquals(
        new ApprovalTerms(List.of(), 2, 30_000, true),
        terms(
            head,
            rule("a", "tools: t, decision: ask")
                + rule("b", "tools: t, decision: allow, risk: critical")),
        "the risk is that of a rule that does not ask");
    assertEquals(
        new ApprovalTerms(sre, 1, 600_000, false, ben),
        Rulebook.of(head + "defaults: {risk: high}\n", "")
            .policy()
            .decide(new Action(Rulebook.ADA, "s", "unknown", Map.of(), Map.of()))
            .terms());
  }

  @Test
  void termsByRiskAreReadLikeThoseOfRules() {
    assertEquals(
        List.of(
            "reason-required is false at critical risk",
            "unknown key 'worst' in approval",
            "quorum is 0"),
        problems(
            "approval: {critical: {reason-required: false}, worst: {quorum: 2}, low: {quorum: 0}}\n"));
  }

  private static List<String> problems(String head) {
    return assertThrows(PolicyException.class, () -> Rulebook.of(head, "")).problems().stream()
        .map(PolicyProblem::found)
        .toList();
  }

  private static ApprovalTerms terms(String head, String rules) throws PolicyException {
    return Objects.requireNonNull(Rulebook.of(head, rules).decide().terms());
  }

  @Test
  void noRuleMayDoWithoutAReasonAtCriticalRisk() {
    PolicyException refused =
        assertThrows(
            PolicyException.class,
            () ->
                Rulebook.of(
                    rule(
                        "a",
                        "tools: t, decision: ask, risk: critical, approval: {reason-required:"
                            + " false}")));

    assertTrue(
        String.valueOf(refused.getMessage()).contains("reason-required is false at critical risk"),
        refused.getMessage());
  }

  @Test
  void theWorseTheRiskTheShorterTheQuestionAndTheWorstNeedsAReason() throws PolicyException {
    assertEquals(anyone(120_000, false), terms(rule("a", "tools: t, decision: ask, risk: medium")));
    assertEquals(anyone(60_000, false), terms(rule("a", "tools: t, decision: ask, risk: high")));
    assertEquals(anyone(30_000, true), terms(rule("a", "tools: t, decision: ask, risk: critical")));
  }

  @Test
  void aRuleThatDoesNotDecideHasNoSayInTheTerms() throws PolicyException {
    String strict = "approval: {by: 'group:ben', quorum: 9, timeout: 1s}";

    assertEquals(
        anyone(120_000, false),
        terms(
            rule("a", "tools: t, decision: ask")
                + rule("shadow", "tools: t, decision: ask, mode: shadow, " + strict)
                + rule("off", "tools: t, decision: ask, mode: 'off', " + strict)
                + rule(
                    "old", "tools: t, decision: ask, expires: '2026-01-01T00:00:00Z', " + strict)));
  }

  @Test
  void whatIsDeniedOrAllowedHasNoTerms() throws PolicyException {
    assertNull(Rulebook.of("").decide().terms());
    assertNull(
        Rulebook.of(asking("a", "quorum: 2") + rule("b", "tools: t, decision: deny"))
            .decide()
            .terms());
  }

  @Test
  void whatCannotBeReadIsAskedAboutAsOfHighRiskWhateverElseAsks() throws PolicyException {
    Object nested = "zap";
    for (int i = 0; i < 100; i++) {
      nested = List.of(nested);
    }
    Map<String, Object> arguments = new HashMap<>(Map.of("x", nested));

    Decision decision =
        Rulebook.of(
                "reads: [{tools: t, argument: command, as: shell}]\n",
                asking("a", "quorum: 2, timeout: 1h")
                    + rule("zap", "tools: t, decision: deny, when: {text: {contains: zap}}"))
            .decide(arguments);

    assertEquals(Outcome.ASK, decision.outcome());
    assertEquals(new ApprovalTerms(List.of(), 2, 60_000, false), decision.terms());
  }

  @Test
  void aRuleThatCannotBeEvaluatedIsAskedAboutAsOfHighRisk() throws PolicyException {
    assertEquals(
        anyone(60_000, false),
        terms(rule("a", "tools: t, decision: ask, when: {cel: 'arguments.missing > 3'}")));
  }

  @Test
  void aRuleThatCannotBeEvaluatedAsksNoFewerThanItWould() throws PolicyException {
    assertEquals(
        new ApprovalTerms(List.of(List.of("group:sre")), 3, 60_000, false),
        terms(
            rule(
                "a",
                "tools: t, decision: ask, when: {cel: 'arguments.missing > 3'}, approval: {by:"
                    + " 'group:sre', quorum: 3, timeout: 1h}")));
  }

  @Test
  void whatCannotBeReadAndNoRuleIsAboutIsDeniedWhereThatIsTheDefault() throws PolicyException {
    Object nested = "x";
    for (int i = 0; i < 100; i++) {
      nested = List.of(nested);
    }
    Action action = new Action(Rulebook.ADA, "s", "unknown", Map.of("command", nested), Map.of());
    String head = "reads: [{tools: unknown, argument: command, as: shell}]\n";
    String rules = rule("zap", "tools: unknown, decision: deny, when: {text: {contains: zap}}");

    assertEquals(
        Outcome.DENY,
        Rulebook.of(head + "defaults: {decision: deny}\n", rules)
            .policy()
            .decide(action)
            .outcome());
    assertEquals(Outcome.ASK, Rulebook.of(head, rules).policy().decide(action).outcome());
  }

  @Test
  void termsByRiskStandInOneFileWhicheverItIs() throws PolicyException {
    // Given
    String rules = Rulebook.file("", rule("a", "tools: t, decision: ask, risk: high"));
    String terms = "approval: {high: {quorum: 2}}\n";

    // Then
    Policy policy = Policy.compile(Map.of("a.yaml", rules, "b.yaml", terms), Instant::now);
    ApprovalTerms of =
        policy.decide(new Action(Rulebook.ADA, "s", "t", Map.of(), Map.of())).terms();
    assertEquals(2, Objects.requireNonNull(of).quorum());
    PolicyException twice =
        assertThrows(
            PolicyException.class,
            () ->
                Policy.compile(
                    Map.of("a.yaml", rules, "b.yaml", terms, "c.yaml", terms), Instant::now));
    assertEquals("approval is given twice", twice.problems().getFirst().found());
  }

  @Test
  void saysHowManyReasonsItDoesNotTell() throws PolicyException {
    StringBuilder rules = new StringBuilder();
    for (int i = 0; i < Verdict.MOST_REASONS; i++) {
      rules.append(rule("ask" + i, "tools: t, decision: ask"));
    }
    Decision decision =
        Rulebook.of(rules + rule("deny", "tools: t, decision: deny, obligations: full-audit"))
            .decide();

    // The 64 that ask, one that denies and one that allows.
    assertEquals(Verdict.MOST_REASONS, decision.reasons().size());
    assertEquals(2, decision.reasonsCut());
    assertEquals("deny", decision.reasons().getFirst().rule());
    assertTrue(decision.reasons().stream().noneMatch(reason -> reason.rule().equals("allow")));
    assertEquals(0, Rulebook.of(rule("b", "tools: t, decision: ask")).decide().reasonsCut());
  }

  private static ApprovalTerms terms(String rules) throws PolicyException {
    return Objects.requireNonNull(Rulebook.of(rules).decide().terms());
  }

  private static ApprovalTerms anyone(long timeoutMillis, boolean reasonRequired) {
    return new ApprovalTerms(List.of(), 1, timeoutMillis, reasonRequired);
  }

  private static String asking(String id, String approval) {
    return rule(id, "tools: t, decision: ask, approval: {" + approval + "}");
  }
}
