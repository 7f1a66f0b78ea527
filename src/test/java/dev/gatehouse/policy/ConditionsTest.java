package dev.gatehouse.policy;

import static dev.gatehouse.action.Outcome.ALLOW;
import static dev.gatehouse.action.Outcome.DENY;
import static dev.gatehouse.policy.Rulebook.ADA;
import static dev.gatehouse.policy.Rulebook.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Role;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of condition, on both sides of its edge. */
class ConditionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // condition on n            | holds for      | and not for
        "above: 100                  | 101,100.5      | 100,99,-101",
        "below: 100                  | 99,99.5,-5     | 100,101",
        "at-least: 100               | 100,101        | 99.99,99",
        "at-most: 100                | 100,99,-5      | 100.01,101",
        "above: 1, below: 3          | 2,1.01,2.99    | 1,3,0,4",
        "at-least: 1, at-most: 3     | 1,2,3          | 0.99,3.01",
        "at-least: -1.5              | -1.5,0         | -1.51",
      })
  void comparesNumbersWhateverTheirForm(String bounds, String holding, String failing)
      throws PolicyException {
    Rulebook rules = Rulebook.denying("{argument: n, " + bounds + "}");

    for (String number : holding.split(",", -1)) {
      forms(number).forEach(n -> assertEquals(DENY, rules.outcome(Map.of("n", n)), () -> "" + n));
    }
    for (String number : failing.split(",", -1)) {
      forms(number).forEach(n -> assertEquals(ALLOW, rules.outcome(Map.of("n", n)), () -> "" + n));
    }
  }

  private static List<Object> forms(String number) {
    return number.contains(".")
        ? List.of(number, Double.valueOf(number))
        : List.of(
            number,
            Integer.valueOf(number),
            Long.valueOf(number),
            Double.valueOf(number),
            new BigInteger(number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+5000", "5e3", "5.0E+3", " 5000 ", "5_000", "５０００", "5000."})
  void readsANumberAsToolsDo(String text) throws PolicyException {
    Rulebook rules = Rulebook.denying("{argument: n, above: 1000}");

    assertEquals(DENY, rules.outcome(Map.of("n", text)));
    assertEquals(DENY, rules.outcome(Map.of("n", "9".repeat(400))));
  }

  @Test
  void whatIsNoNumberIsWithinNoBounds() throws PolicyException {
    Rulebook rules = Rulebook.denying("{argument: n, at-least: 0}");

    for (Object value :
        List.of("many", "", "0x10", "9e", "1 2", Double.NaN, true, List.of(1), Map.of("n", 1))) {
      assertEquals(ALLOW, rules.outcome(Map.of("n", value)), value::toString);
    }
    assertEquals(ALLOW, rules.outcome(Map.of()));
  }

  @Test
  void theIndexKnowsFilePatternsThatStandForAPath() throws PolicyException {
    Rulebook rules = Rulebook.denying("{argument: n, path: [/etc/ld.so.preload, '/opt/keys/*']}");

    for (String path : List.of("/etc/ld.so.preloa?", "/etc/ld*preload", "/opt/k[e]ys/a")) {
      assertEquals(DENY, rules.outcome(Map.of("n", path)), path);
    }
    assertEquals(ALLOW, rules.outcome(Map.of("n", "/etc/x*")));
  }

  @Test
  void boundsTheNumberOfItemsAndCharacters() throws PolicyException {
    Rulebook rules = Rulebook.denying("{argument: x, at-least: 3, size: true}");

    assertEquals(DENY, rules.outcome(Map.of("x", "abc")));
    assertEquals(ALLOW, rules.outcome(Map.of("x", "ab")));
    assertEquals(DENY, rules.outcome(Map.of("x", List.of(1, 2, 3))));
    assertEquals(ALLOW, rules.outcome(Map.of("x", List.of(1, 2))));
    assertEquals(DENY, rules.outcome(Map.of("x", Map.of("a", 1, "b", 2, "c", 3))));
    assertEquals(ALLOW, rules.outcome(Map.of("x", 1_000)));
  }

  @Test
  void boundsTheLengthOfATextWithoutItsEdges() throws PolicyException {
    Rulebook rules = Rulebook.denying("{argument: x, longer: 2, shorter: 5}");

    IntStream.range(0, 8)
        .forEach(length ->
            assertEquals(
                length == 3 || length == 4 ? DENY : ALLOW,
                rules.outcome(Map.of("x", "x".repeat(length))),
                () -> length + " characters"));
  }

  @Test
  void tellsWhatIsThereFromWhatIsNot() throws PolicyException {
    Rulebook there = Rulebook.denying("{argument: a.b, exists: true}");
    Rulebook missing = Rulebook.denying("{argument: a.b, exists: false}");
    Map<String, Object> none = new HashMap<>();
    none.put("b", null);

    for (Map<String, Object> with :
        List.<Map<String, Object>>of(Map.of("a", Map.of("b", "")), Map.of("a", none))) {
      assertEquals(DENY, there.outcome(with), with::toString);
      assertEquals(ALLOW, missing.outcome(with), with::toString);
    }
    for (Map<String, Object> without :
        List.<Map<String, Object>>of(Map.of(), Map.of("a", "b"), Map.of("a", Map.of("c", 1)))) {
      assertEquals(ALLOW, there.outcome(without), without::toString);
      assertEquals(DENY, missing.outcome(without), without::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a.b,true",
    "a.list[0],true",
    "a.list[1],false",
    "'a.list[*]',true",
    "'**',true",
    "a.c,false",
    "'a.maps[*].k',true",
    "b,false",
    "'a.maps[1].k',false",
  })
  void followsPathsIntoMapsAndLists(String path, boolean holds) throws PolicyException {
    Map<String, Object> arguments =
        Map.of(
            "a",
            Map.of(
                "b",
                "zap",
                "c",
                "no",
                "list",
                List.of("zap", "no"),
                "maps",
                List.of(Map.of("k", "zap"), Map.of("k", "no"))));

    assertEquals(
        holds ? DENY : ALLOW,
        Rulebook.denying("{argument: '" + path + "', equals: zap}").outcome(arguments));
  }

  @ParameterizedTest
  @CsvSource({"tenant,acme", "name,ada", "role,agent", "session,s", "tool,t"})
  void looksAtWhoAsks(String field, String value) throws PolicyException {
    assertEquals(DENY, Rulebook.denying("{actor: " + field + ", equals: " + value + "}").outcome());
    assertEquals(ALLOW, Rulebook.denying("{actor: " + field + ", equals: another}").outcome());
  }

  @Test
  void tellsActorsApart() throws PolicyException {
    Rulebook rules = Rulebook.denying("[{actor: role, in: [operator]}, {actor: name, glob: 'b*'}]");

    assertEquals(DENY, rules.outcomeFor(new Actor("acme", "ben", Role.OPERATOR), "s"));
    assertEquals(ALLOW, rules.outcomeFor(new Actor("acme", "ben", Role.AGENT), "s"));
    assertEquals(ALLOW, rules.outcomeFor(new Actor("acme", "ada", Role.OPERATOR), "s"));
  }

  @Test
  void anArgumentNamedLikeAnActorsFieldIsNotTheActor() throws PolicyException {
    Rulebook rules = Rulebook.denying("{actor: name, equals: root}");

    assertEquals(ALLOW, rules.outcome(Map.of("name", "root", "actor", Map.of("name", "root"))));
  }

  @Test
  void annotationsMayRaiseRisk() throws PolicyException {
    Rulebook rules = Rulebook.denying("{annotation: destructiveHint, equals: true}");

    assertEquals(DENY, rules.outcomeIn(Map.of("annotations", Map.of("destructiveHint", true))));
    assertEquals(ALLOW, rules.outcomeIn(Map.of("annotations", Map.of("destructiveHint", false))));
    assertEquals(ALLOW, rules.outcomeIn(Map.of("destructiveHint", true)));
    assertEquals(ALLOW, rules.outcomeIn(Map.of()));
    assertEquals(ALLOW, rules.outcome(Map.of("annotations", Map.of("destructiveHint", true))));
  }

  @Test
  void looksAtTheContext() throws PolicyException {
    Rulebook rules = Rulebook.denying("{context: sandbox.network, not: {equals: none}}");

    assertEquals(DENY, rules.outcomeIn(Map.of("sandbox", Map.of("network", "open"))));
    assertEquals(ALLOW, rules.outcomeIn(Map.of("sandbox", Map.of("network", "none"))));
    assertEquals(ALLOW, rules.outcomeIn(Map.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Monday to Friday, nine to five in Berlin, which is an hour ahead in winter, two in
        // summer.
        "2026-03-04T08:00:00Z | true", "2026-03-04T07:59:59Z | false",
            "2026-03-04T15:59:59Z | true",
        "2026-03-04T16:00:00Z | false", "2026-07-01T07:00:00Z | true",
            "2026-07-01T06:59:59Z | false",
        "2026-03-06T12:00:00Z | true", "2026-03-07T12:00:00Z | false",
            "2026-03-08T12:00:00Z | false",
        "2026-03-09T12:00:00Z | true",
      })
  void knowsHoursOfDutyInTheirZone(String time, boolean holds) throws PolicyException {
    Rulebook rules =
        Rulebook.denying(
            "{time: {from: '09:00', to: '17:00', zone: Europe/Berlin, days: [monday, tuesday,"
                + " wednesday, thursday, friday]}}");

    rules.at(time);

    assertEquals(holds ? DENY : ALLOW, rules.outcome());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // The night that begins on Friday ends on Saturday; the next one is another night.
        "2026-03-06T21:59:59Z | false", "2026-03-06T22:00:00Z | true",
            "2026-03-07T05:59:59Z | true",
        "2026-03-07T06:00:00Z | false", "2026-03-07T22:30:00Z | false",
            "2026-03-06T03:00:00Z | false",
      })
  void aNightBelongsToTheDayOnWhichItBegins(String time, boolean holds) throws PolicyException {
    Rulebook rules = Rulebook.denying("{time: {from: '22:00', to: '06:00', days: friday}}");

    rules.at(time);

    assertEquals(holds ? DENY : ALLOW, rules.outcome());
  }

  @Test
  void wholeDaysLastFromMidnightToMidnight() throws PolicyException {
    Rulebook rules = Rulebook.denying("{time: {days: [saturday, sunday]}}");

    for (String time : List.of("2026-03-07T00:00:00Z", "2026-03-08T23:59:59Z")) {
      rules.at(time);
      assertEquals(DENY, rules.outcome(), time);
    }
    for (String time : List.of("2026-03-06T23:59:59Z", "2026-03-09T00:00:00Z")) {
      rules.at(time);
      assertEquals(ALLOW, rules.outcome(), time);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "{all: [A; B]},0,0,0,1",
    "{any: [A; B]},0,1,1,1",
    "{not: A},1,1,0,0",
    "[A; B],0,0,0,1",
    "{not: {any: [A; B]}},1,0,0,0",
    "{not: {all: [A; B]}},1,1,1,0",
    "{any: [{not: A}; B]},1,1,0,1",
    "{all: [{not: A}]; not: B},1,0,0,0",
  })
  void combinesConditions(String form, String none, String b, String a, String both)
      throws PolicyException {
    String condition =
        form.replace(";", ",")
            .replace("A", "{argument: a, equals: 1}")
            .replace("B", "{argument: b, equals: 1}");
    Rulebook rules = Rulebook.denying(condition);

    assertEquals(
        List.of(none, b, a, both),
        List.of(
            holds(rules, Map.of()),
            holds(rules, Map.of("b", 1)),
            holds(rules, Map.of("a", 1)),
            holds(rules, Map.of("a", 1, "b", 1))));
  }

  private static String holds(Rulebook rules, Map<String, Object> arguments) {
    return rules.outcome(arguments) == DENY ? "1" : "0";
  }

  @ParameterizedTest
  @CsvSource({"enforce,DENY", "shadow,ALLOW", "off,ALLOW"})
  void aRulesModeSaysWhetherItCounts(String mode, Outcome outcome) throws PolicyException {
    for (String when : List.of("", ", when: {argument: x, equals: 1}")) {
      Decision decision =
          Rulebook.of(rule("r", "tools: t, decision: deny, mode: '" + mode + "'" + when))
              .decide(Map.of("x", 1));

      assertEquals(outcome, decision.outcome());
      assertEquals(
          mode.equals("off")
              ? List.of()
              : List.of(mode.equals("shadow") ? "policy.shadow.deny" : "r"),
          decision.reasons().stream()
              .filter(reason -> reason.rule().equals("r"))
              .map(Reason::code)
              .toList());
    }
  }

  @Test
  void aRuleCountsUntilTheMomentItExpires() throws PolicyException {
    Rulebook rules =
        Rulebook.of(rule("r", "tools: t, decision: deny, expires: '2026-03-04T14:00:00+01:00'"));

    rules.at("2026-03-04T12:59:59.999Z");
    Outcome before = rules.outcome();
    rules.at("2026-03-04T13:00:00Z");

    assertEquals(DENY, before);
    assertEquals(ALLOW, rules.outcome());
  }

  @Test
  void anExpiredAllowanceAllowsNothing() throws PolicyException {
    Policy policy =
        Policy.compile(
            Map.of(
                "p.yaml",
                "rules:\n"
                    + rule("r", "tools: t, decision: allow, expires: '2026-03-04T12:00:00Z'")),
            () -> Instant.parse("2026-03-04T12:00:00Z"));

    assertEquals(
        Outcome.ASK, policy.decide(new Action(ADA, "s", "t", Map.of(), Map.of())).outcome());
  }
}
