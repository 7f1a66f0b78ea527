package dev.gatehouse.policy;

import static dev.gatehouse.action.Outcome.ALLOW;
import static dev.gatehouse.action.Outcome.DENY;
import static dev.gatehouse.policy.Rulebook.ADA;
import static dev.gatehouse.policy.Rulebook.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A limit of one event a minute, used up by one session of one actor: who else is refused? */
class RateConditionTest {
  private static final Actor BEN = new Actor("acme", "ben", Role.AGENT);
  private static final Actor ADA_ELSEWHERE = new Actor("other", "ada", Role.AGENT);

  @Test
  void perActorAndSessionEachSessionOfEachActorHasItsOwnLimit() throws PolicyException {
    Rulebook rules = usedUp("");

    assertEquals(DENY, rules.outcomeFor(ADA, "s"));
    assertEquals(ALLOW, rules.outcomeFor(ADA, "s2"));
    assertEquals(ALLOW, rules.outcomeFor(BEN, "s"));
  }

  @Test
  void perActorAllSessionsOfAnActorShareALimit() throws PolicyException {
    Rulebook rules = usedUp(", per: actor");

    assertEquals(DENY, rules.outcomeFor(ADA, "s2"));
    assertEquals(ALLOW, rules.outcomeFor(BEN, "s"));
  }

  @Test
  void perSessionAllActorsOfASessionShareALimit() throws PolicyException {
    Rulebook rules = usedUp(", per: [session]");

    assertEquals(DENY, rules.outcomeFor(BEN, "s"));
    assertEquals(ALLOW, rules.outcomeFor(BEN, "s2"));
  }

  @Test
  void perTenantAllActorsOfATenantShareALimit() throws PolicyException {
    Rulebook rules = usedUp(", per: tenant");

    assertEquals(DENY, rules.outcomeFor(BEN, "s2"));
  }

  @Test
  void noTenantUsesUpTheLimitOfAnother() throws PolicyException {
    for (String per : new String[] {"", ", per: actor", ", per: session", ", per: tenant"}) {
      assertEquals(ALLOW, usedUp(per).outcomeFor(ADA_ELSEWHERE, "s"), per);
    }
  }

  @Test
  void theLimitIsThereAgainOnceTheWindowIsOver() throws PolicyException {
    Rulebook rules = usedUp("");

    rules.later(60_000);

    assertEquals(ALLOW, rules.outcomeFor(ADA, "s"));
  }

  @Test
  void countsOnlyWhatTheRestOfTheConditionIsAbout() throws PolicyException {
    Rulebook rules =
        Rulebook.of(
            rule(
                "burst",
                "tools: t, when: {argument: to, equals: x}, rate: {over: 1, within: 1m}, decision:"
                    + " deny"));

    rules.decide(Map.of("to", "y"));
    rules.decide(Map.of("to", "y"));
    rules.decide(Map.of("to", "x"));

    assertEquals(ALLOW, rules.outcome(Map.of("to", "y")));
    assertEquals(DENY, rules.outcome(Map.of("to", "x")));
  }

  @Test
  void aReloadedPolicyFindsWhatWasCountedAndHoldsItAgainstItsOwnLimit(@TempDir Path folder)
      throws Exception {
    // Given
    Path file = Files.writeString(folder.resolve("p.yaml"), limit(5));
    Policies policies = Policies.load(folder);
    for (int i = 0; i < 3; i++) {
      assertEquals(ALLOW, outcome(policies));
    }

    // When the limit is lowered, then raised
    Files.writeString(file, limit(3));
    policies.reload();
    Outcome lowered = outcome(policies);
    Files.writeString(file, limit(5));
    policies.reload();

    // Then
    assertEquals(DENY, lowered);
    assertEquals(ALLOW, outcome(policies));
    assertEquals(DENY, outcome(policies));
  }

  @Test
  void aPolicysOwnTestsCountForNoActionAndForNoOtherTest() throws PolicyException {
    // Given a rule with a test that uses up the limit, and one of the same actor that must pass
    Rulebook rules =
        Rulebook.of(
            rule(
                "burst",
                "tools: t, rate: {over: 1, within: 1m}, decision: deny, tests: {match: [{tool: t,"
                    + " times: 2, tenant: acme, actor: ada, session: s}], pass: [{tool: t, tenant:"
                    + " acme, actor: ada, session: s}]}"));

    // When
    List<PolicyProblem> failures = rules.policy().test();

    // Then
    assertEquals(List.of(), failures);
    assertEquals(ALLOW, rules.outcomeFor(ADA, "s"));
  }

  private static String limit(int over) {
    return Rulebook.file(
        "", rule("burst", "tools: t, rate: {over: " + over + ", within: 10000d}, decision: deny"));
  }

  private static Outcome outcome(Policies policies) {
    return policies.active().decide(new Action(ADA, "s", "t", Map.of(), Map.of())).outcome();
  }

  private static Rulebook usedUp(String per) throws PolicyException {
    Rulebook rules =
        Rulebook.of(
            rule("burst", "tools: t, rate: {over: 1, within: 1m" + per + "}, decision: deny"));
    assertEquals(ALLOW, rules.outcomeFor(ADA, "s"));
    return rules;
  }
}
