package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A policy's own tests say the same on every day, and of a rule that is switched off. */
class SelfTestTest {
  private static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode: enforce",
        "mode: shadow",
        "mode: off",
        "expires: '2026-03-04T11:59:59Z'",
        "mode: off, expires: '2020-01-01T00:00:00Z'"
      })
  void testsARuleWhetherItCountsNowOrNot(String state) throws PolicyException {
    String tests = "match: [{arguments: {n: 2}}], pass: [{arguments: {n: 0}}]";
    String wrong = "match: [{arguments: {n: 0}}], pass: [{arguments: {n: 2}}]";

    assertEquals(List.of(), problems(state, tests, ""));
    assertEquals(2, problems(state, wrong, "").size());
  }

  @Test
  void countsForARuleThatIsSwitchedOff() throws PolicyException {
    String tests = "match: [{times: 3, arguments: {n: 2}}], pass: [{times: 2, arguments: {n: 2}}]";

    assertEquals(List.of(), problems("mode: off, rate: {over: 2, within: 1m}", tests, ""));
  }

  @Test
  void anExceptionLiftsARuleThatIsSwitchedOff() throws PolicyException {
    String tests = "match: [{arguments: {n: 2}}], pass: [{arguments: {n: 2, calm: true}}]";

    assertEquals(List.of(), problems("mode: off, unless: calm", tests, ""));
  }

  @Test
  void looksAtARuleAtTheTimeOfTheTest() throws PolicyException {
    String expiring = "expires: '2026-03-04T00:00:00Z'";
    String before = "{arguments: {n: 2}, at: '2026-03-03T23:59:59Z'}";
    String after = "{arguments: {n: 2}, at: '2026-03-04T00:00:00Z'}";
    String nights = "when: {time: {from: '22:00', to: '06:00'}}";

    assertEquals(
        List.of(), problems(expiring, "match: [" + before + "], pass: [" + after + "]", ""));
    assertEquals(List.of(), problems(nights, "match: [" + before + "]", ""));
    assertEquals(1, problems(nights, "match: [{}]", "").size());
  }

  @Test
  void aFilesTestExpectsWhatHoldsBeforeRulesExpire() throws PolicyException {
    String expiring = "expires: '2026-03-04T00:00:00Z'";
    String action = "{tool: t, arguments: {n: 2}, expect: {decision: deny, rule: deny}}";
    String after =
        "{tool: t, at: '2026-03-05T00:00:00Z', arguments: {n: 2}, expect: {decision: allow}}";

    assertEquals(List.of(), problems(expiring, "", "tests: [" + action + ", " + after + "]\n"));
  }

  private static List<PolicyProblem> problems(String state, String ofRule, String ofFile)
      throws PolicyException {
    String when = state.contains("when") ? "" : "when: {argument: n, above: 1}, ";
    String tests = ofRule.isEmpty() ? "" : ", tests: {" + ofRule + "}";
    String exceptions = "exceptions: {calm: {when: {argument: calm, equals: true}}}\n";
    String rule = Rulebook.rule("deny", "tools: t, decision: deny, " + when + state + tests);
    return Policy.compile(Map.of("p.yaml", Rulebook.file(ofFile + exceptions, rule)), () -> NOW)
        .test();
  }
}
