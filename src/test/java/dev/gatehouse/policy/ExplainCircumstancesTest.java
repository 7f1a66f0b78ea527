package dev.gatehouse.policy;

import static dev.gatehouse.policy.Explanation.Change.Kind.ACTOR;
import static dev.gatehouse.policy.Explanation.Change.Kind.CONTEXT;
import static dev.gatehouse.policy.Explanation.Change.Kind.ROLE;
import static dev.gatehouse.policy.Explanation.Change.Kind.SESSION;
import static dev.gatehouse.policy.Explanation.Change.Kind.TENANT;
import static dev.gatehouse.policy.Explanation.Change.Kind.TEXT;
import static dev.gatehouse.policy.Explanation.Change.Kind.TIME;
import static dev.gatehouse.policy.Rulebook.ADA;
import static dev.gatehouse.policy.Rulebook.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.Explanation.Change;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ada, an agent of acme, asks in session s on a Wednesday at noon: what of this would matter? */
class ExplainCircumstancesTest {
  @Test
  void anotherActorWouldFlipIt() throws PolicyException {
    Rulebook rules = Rulebook.denying("{actor: name, in: [ada, adam]}");

    assertEquals(List.of("with actor 'x', the outcome would be allow"), rules.changes(ACTOR));
  }

  @Test
  void theActorARuleNamesWouldFlipIt() throws PolicyException {
    Rulebook rules = Rulebook.denying("{actor: name, equals: bob}");

    assertEquals(List.of("with actor 'bob', the outcome would be deny"), rules.changes(ACTOR));
  }

  @Test
  void anotherRoleWouldFlipIt() throws PolicyException {
    Rulebook rules = Rulebook.denying("{not: {actor: role, equals: approver}}");

    assertEquals(List.of("with role 'approver', the outcome would be allow"), rules.changes(ROLE));
  }

  @Test
  void anotherTenantWouldFlipIt() throws PolicyException {
    Rulebook rules = Rulebook.denying("{actor: tenant, glob: 'ac*'}");

    assertEquals(List.of("with tenant 'x', the outcome would be allow"), rules.changes(TENANT));
  }

  @Test
  void anotherSessionWouldFlipIt() throws PolicyException {
    Rulebook rules = Rulebook.denying("{actor: session, starts: audit-}");

    assertEquals(
        List.of("with session 'audit-', the outcome would be deny"), rules.changes(SESSION));
  }

  @Test
  void whoEndsAnExceptionWouldFlipIt() throws PolicyException {
    Rulebook rules =
        Rulebook.of(
            "exceptions: {trusted: {text: x, when: {actor: name, equals: ada}}}\n",
            rule("deny", "tools: t, decision: deny, unless: trusted"));

    assertEquals(List.of("with actor 'x', the outcome would be deny"), rules.changes(ACTOR));
  }

  @Test
  void theNamesOfAnExpressionAreTried() throws PolicyException {
    Rulebook rules = Rulebook.denying("{cel: 'actor.name == \"bob\" && session != \"q\"'}");

    assertEquals(List.of("with actor 'bob', the outcome would be deny"), rules.changes(ACTOR));
  }

  @Test
  void theNamesOfExamplesAreTried() throws PolicyException {
    Rulebook rules =
        Rulebook.of(
            rule(
                "deny",
                "tools: t, decision: deny, when: {actor: name, regex: '^b[aeiou]b$'}, tests: {match:"
                    + " [{actor: bib}]}"));

    assertEquals(List.of("with actor 'bib', the outcome would be deny"), rules.changes(ACTOR));
  }

  @Test
  void theNextTimeASpanBeginsOrEndsWouldFlipIt() throws PolicyException {
    Rulebook rules = Rulebook.denying("{time: {from: '22:00', to: '06:00'}}");

    assertEquals(
        List.of("at 2026-03-04T22:00:00Z, the outcome would be deny"), rules.changes(TIME));

    rules.at("2026-03-04T23:30:00Z");

    assertEquals(
        List.of("at 2026-03-05T06:00:00Z, the outcome would be allow"), rules.changes(TIME));
  }

  @Test
  void timesAreToldByTheClockOfTheRule() throws PolicyException {
    Rulebook rules = Rulebook.denying("{time: {from: '18:00', to: '23:00', zone: Europe/Berlin}}");

    assertEquals(
        List.of("at 2026-03-04T18:00:00+01:00, the outcome would be deny"), rules.changes(TIME));
  }

  @Test
  void aSpanAWeekAwayIsFound() throws PolicyException {
    Rulebook rules = Rulebook.denying("{time: {from: '09:00', to: '10:00', days: wednesday}}");

    assertEquals(
        List.of("at 2026-03-11T09:00:00Z, the outcome would be deny"), rules.changes(TIME));
  }

  @Test
  void aWholeDayIsFound() throws PolicyException {
    Rulebook rules = Rulebook.denying("{time: {days: [saturday, sunday]}}");

    assertEquals(
        List.of("at 2026-03-07T00:00:00Z, the outcome would be deny"), rules.changes(TIME));
  }

  @Test
  void aRuleThatExpiresWouldFlipItThen() throws PolicyException {
    Rulebook rules =
        Rulebook.of(rule("deny", "tools: t, decision: deny, expires: '2026-04-01T00:00:00Z'"));

    assertEquals(
        List.of("at 2026-04-01T00:00:00Z, the outcome would be allow"), rules.changes(TIME));
  }

  @Test
  void aUsedUpLimitIsFreeForOthersAndLater() throws PolicyException {
    // Given
    Rulebook rules =
        Rulebook.of(rule("burst", "tools: t, decision: deny, rate: {over: 2, within: 1m}"));
    rules.decide();
    rules.later(20_000);
    rules.decide();
    rules.later(10_000);

    // When
    List<String> texts =
        rules.policy().explain(new Action(ADA, "s", "t", Map.of(), Map.of())).changes().stream()
            .map(Change::toString)
            .toList();

    // Then
    assertEquals(
        List.of(
            "with session 'x', the outcome would be allow",
            "at 2026-03-04T12:01:00Z, the outcome would be allow",
            "with actor 'x', the outcome would be allow",
            "with tenant 'x', the outcome would be allow",
            "without rule burst, the outcome would be allow"),
        texts);
  }

  @Test
  void aSharedLimitIsNotFreeInAnotherSession() throws PolicyException {
    Rulebook rules =
        Rulebook.of(
            rule("burst", "tools: t, decision: deny, rate: {over: 1, within: 1m, per: actor}"));
    rules.decide();

    assertEquals(List.of(), rules.changes(SESSION));
    assertEquals(1, rules.changes(ACTOR).size());
  }

  @Test
  void anAnnotationThatIsMissingOrSetWouldFlipIt() throws PolicyException {
    Rulebook rules = Rulebook.denying("{annotation: destructiveHint, equals: true}");

    assertEquals(
        List.of("with 'true' as context.annotations.destructiveHint, the outcome would be deny"),
        rules.changes(CONTEXT));
    assertEquals(
        List.of(
            "with 'false' as context.annotations.destructiveHint in place of 'true', the outcome would"
                + " be allow"),
        rules.changes(CONTEXT, Map.of("annotations", Map.of("destructiveHint", true))));
  }

  @Test
  void whatNoRuleLooksAtIsNotTried() throws PolicyException {
    String deny = rule("deny", "tools: t, decision: deny");
    String also = "tools: t, decision: deny";

    int without = tried(Rulebook.of(deny + rule("also", also)));
    int withRole =
        tried(Rulebook.of(deny + rule("also", also + ", when: {actor: role, equals: agent}")));

    assertEquals(without + 3, withRole);
  }

  private static int tried(Rulebook rules) {
    return rules.policy().explain(new Action(ADA, "s", "t", Map.of(), Map.of())).tried();
  }

  @Test
  void aLongTextLeavesRoomForTheCircumstances() throws PolicyException {
    // Given
    Policy policy =
        Rulebook.of(
                "reads: [{tools: t, argument: command, as: shell}]\n",
                rule(
                    "rm",
                    "tools: t, decision: deny, when: [{shell: rm}, {actor: name, equals: ada}]"))
            .policy();
    String command = "rm a;".repeat(200_000);

    // When
    Explanation explanation =
        policy.explain(new Action(ADA, "s", "t", Map.of("command", command), Map.of()));

    // Then
    assertEquals(
        List.of(ACTOR),
        explanation.changes().stream()
            .map(Change::kind)
            .filter(k -> k != Change.Kind.RULE)
            .toList());
    assertTrue(explanation.cut());
    assertTrue(explanation.tried() < 10, explanation::flip);
    assertTrue(explanation.changes().stream().noneMatch(change -> change.kind() == TEXT));
  }

  @Test
  void whereVeryManyNamesAndTimesAreLookedAtNotAllAreTried() throws PolicyException {
    // Given
    String names = IntStream.range(0, 400).mapToObj(i -> "n" + i).collect(Collectors.joining(", "));
    String times =
        IntStream.range(0, 400)
            .mapToObj(i ->
                "{time: {from: '%02d:%02d', to: '%02d:%02d'}}"
                    .formatted(i / 60, i % 60, i / 60, i % 60))
            .collect(Collectors.joining(", "));
    Policy policy =
        Rulebook.of(
                rule(
                        "names",
                        "tools: t, decision: allow, when: {all: [{actor: name, in: ["
                            + names
                            + "]}]}")
                    + rule("times", "tools: t, decision: allow, when: {any: [" + times + "]}"))
            .policy();

    // When
    Explanation explanation = policy.explain(new Action(ADA, "s", "t", Map.of(), Map.of()));

    // Then
    assertEquals(List.of(), explanation.changes());
    assertTrue(explanation.cut());
    assertTrue(explanation.tried() <= 300, explanation::flip);
  }
}
