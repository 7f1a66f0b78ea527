package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import dev.gatehouse.policy.Explanation.Change;
import dev.gatehouse.policy.Explanation.Change.Kind;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;

/**
 * A change that an explanation reports does what it says: made by itself, to the action, the clock
 * or the policy's file, it gives the outcome that was told, and that is another one.
 */
class ExplainProperties {
  private static final String HEAD =
      """
      reads: [{tools: [t, u], argument: command, as: shell}]
      exceptions: {trusted: {text: x, when: {actor: name, in: [ada, bob]}}}
      rules:
      """;

  private static final String UNLESS = ", unless: trusted";
  private static final String EXPIRES = ", expires: '2026-03-29T12:00:00Z'";

  private static final List<String> CONDITIONS =
      List.of(
          "{actor: name, equals: bob}",
          "{actor: name, glob: 'a*'}",
          "{actor: role, in: [agent, operator]}",
          "{actor: tenant, equals: acme}",
          "{actor: session, starts: audit-}",
          "{time: {from: '08:00', to: '18:00', zone: Europe/Berlin}}",
          "{time: {from: '22:00', to: '06:00', days: [friday, saturday]}}",
          "{time: {days: [saturday, sunday]}}",
          "{context: network, equals: none}",
          "{argument: n, above: 10}",
          "{argument: n, exists: false}",
          "{shell: rm}",
          "{shell: {command: rm, flag: r}}",
          "{cel: 'actor.name == \"eve\" || session == \"s2\"'}");

  /** A rule, in two parts between which its mode is written. */
  record Written(String id, String rest, String mode) {
    String text() {
      return "  - {id: " + id + ", text: x, " + rest + ", mode: '" + mode + "'}\n";
    }
  }

  /** A policy's rules, and an action that comes at a time, for the so many and first time. */
  record Situation(List<Written> rules, Action action, Instant now, int before) {
    /** The situation as it is, but with other rules. */
    Situation with(List<Written> others) {
      return new Situation(others, action, now, before);
    }

    /** What it is explained as. */
    Explanation explain() {
      Explanation[] explanation = new Explanation[1];
      run(now, policy -> explanation[0] = policy.explain(action));
      return explanation[0];
    }

    /** What the policy decides, of another action at a later time. */
    Outcome decide(Action other, Instant then) {
      Outcome[] outcome = new Outcome[1];
      run(then, policy -> outcome[0] = policy.decide(other).outcome());
      return outcome[0];
    }

    Outcome decide() {
      return decide(action, now);
    }

    /** On a policy of its own, so that nothing is counted but what came before. */
    private void run(Instant then, Consumer<Policy> what) {
      StringBuilder file = new StringBuilder(HEAD);
      rules.forEach(rule -> file.append(rule.text()));
      Instant[] clock = {now.minusSeconds(before)};
      Policy policy;
      try {
        policy = Policy.compile(Map.of("p.yaml", file.toString()), () -> clock[0]);
      } catch (PolicyException e) {
        throw new AssertionError(file.toString(), e);
      }
      for (int i = 0; i < before; i++) {
        policy.decide(action);
        clock[0] = clock[0].plusSeconds(1);
      }
      clock[0] = then;
      what.accept(policy);
    }
  }

  @StatisticsReport(StatisticsReport.StatisticsReportMode.OFF)
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void aReportedChangeGivesTheReportedOutcome(@ForAll("situations") Situation situation) {
    // When
    Explanation explanation = situation.explain();

    // Then
    Outcome outcome = explanation.decision().outcome();
    assertEquals(situation.decide(), outcome);
    for (Change change : explanation.changes()) {
      Statistics.collect(change.kind());
      assertNotEquals(outcome, change.outcome(), change::toString);
      assertEquals(change.outcome(), applied(situation, change), change::toString);
    }
    Statistics.coverage(coverage -> {
      for (Kind kind : Kind.values()) {
        coverage.check(kind).count(count -> count > 0);
      }
    });
  }

  private static Outcome applied(Situation situation, Change change) {
    if (change.kind() == Kind.RULE) {
      return situation.with(changed(situation.rules(), change.what())).decide();
    }
    assertIsWhatItSays(situation, change);
    return situation.decide(change.action(), Instant.ofEpochMilli(change.atMillis()));
  }

  /** The rules as the change of one of them says, done to the file. */
  private static List<Written> changed(List<Written> rules, String what) {
    String[] words = what.split(" ", -1);
    List<Written> changed = new ArrayList<>();
    for (Written rule : rules) {
      if (!rule.id().equals(words[2])) {
        changed.add(rule);
      } else if (words[0].equals("with")) {
        assertTrue(what.startsWith("with rule " + rule.id() + " enforced"), what);
        String rest = rule.rest().replace(UNLESS, "").replace(EXPIRES, "");
        changed.add(new Written(rule.id(), rest, "enforce"));
      } else {
        assertEquals("without rule " + rule.id(), what);
      }
    }
    return changed;
  }

  /** Only what the change's kind names is another one, and it is the one that the words name. */
  private static void assertIsWhatItSays(Situation situation, Change change) {
    Action old = situation.action();
    Action now = change.action();
    Actor actor = now.actor();
    boolean inArguments = change.kind() == Kind.TEXT || change.kind() == Kind.ARGUMENT;
    String what =
        switch (change.kind()) {
          case SESSION -> "with session '" + now.session() + "'";
          case ACTOR -> "with actor '" + actor.name() + "'";
          case ROLE -> "with role '" + actor.role().word() + "'";
          case TENANT -> "with tenant '" + actor.tenant() + "'";
          case TOOL -> "with tool '" + now.tool() + "'";
          case TEXT, ARGUMENT, CONTEXT, TIME, RULE -> change.what();
        };
    assertEquals(what, change.what());
    assertEquals(
        new Action(
            new Actor(
                change.kind() == Kind.TENANT ? actor.tenant() : old.actor().tenant(),
                change.kind() == Kind.ACTOR ? actor.name() : old.actor().name(),
                change.kind() == Kind.ROLE ? actor.role() : old.actor().role()),
            change.kind() == Kind.SESSION ? now.session() : old.session(),
            change.kind() == Kind.TOOL ? now.tool() : old.tool(),
            inArguments ? now.arguments() : old.arguments(),
            change.kind() == Kind.CONTEXT ? now.context() : old.context()),
        now);
    Instant then =
        change.kind() == Kind.TIME
            ? OffsetDateTime.parse(change.what().substring("at ".length())).toInstant()
            : situation.now();
    assertEquals(then, Instant.ofEpochMilli(change.atMillis()));
  }

  @Provide
  Arbitrary<Situation> situations() {
    return Combinators.combine(
            rule().list().ofMinSize(1).ofMaxSize(4),
            actions(),
            Arbitraries.integers().between(0, 14 * 24 * 60),
            Arbitraries.integers().between(0, 3))
        .as((rules, action, minutes, before) -> {
          List<Written> all = new ArrayList<>();
          all.add(new Written("base", "tools: [t, u], decision: allow", "enforce"));
          for (int i = 0; i < rules.size(); i++) {
            Written rule = rules.get(i);
            all.add(new Written("r" + i, rule.rest(), rule.mode()));
          }
          Instant start = Instant.parse("2026-03-22T00:00:00Z");
          return new Situation(all, action, start.plusSeconds(60L * minutes), before);
        });
  }

  private static Arbitrary<Written> rule() {
    Arbitrary<String> ending =
        Arbitraries.of(
            "",
            "",
            UNLESS,
            EXPIRES,
            ", rate: {over: 2, within: 1m}",
            ", rate: {over: 1, within: 10s, per: actor}");
    return Combinators.combine(
            Arbitraries.of("[t, u]", "[t]", "['*']"),
            Arbitraries.of("deny", "ask", "allow"),
            condition(),
            ending,
            Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.just("enforce")),
                Tuple.of(1, Arbitraries.of("shadow", "off"))))
        .as((tools, decision, when, end, mode) ->
            new Written(
                "", "tools: " + tools + ", decision: " + decision + ", when: " + when + end, mode));
  }

  private static Arbitrary<String> condition() {
    Arbitrary<String> one = Arbitraries.of(CONDITIONS);
    return Arbitraries.oneOf(
        one,
        one.map(part -> "{not: " + part + "}"),
        Combinators.combine(one, one).as((a, b) -> "{any: [" + a + ", " + b + "]}"),
        Combinators.combine(one, one).as((a, b) -> "[" + a + ", {not: " + b + "}]"));
  }

  private static Arbitrary<Action> actions() {
    Arbitrary<Actor> actor =
        Combinators.combine(
                Arbitraries.of("acme", "other"),
                Arbitraries.of("ada", "bob", "eve"),
                Arbitraries.of(Role.class))
            .as(Actor::new);
    Arbitrary<Map<String, Object>> arguments =
        Combinators.combine(
                Arbitraries.of("ls", "rm -r x", "ls; rm -r y | cat"), Arbitraries.of(-1, 3, 11))
            .as((command, n) -> {
              Map<String, Object> given = new HashMap<>(Map.of("command", command));
              if (n >= 0) {
                given.put("n", n);
              }
              return given;
            });
    return Combinators.combine(
            actor,
            Arbitraries.of("s1", "s2", "audit-1"),
            Arbitraries.of("t", "u"),
            arguments,
            Arbitraries.of(Map.<String, Object>of(), Map.<String, Object>of("network", "none")))
        .as(Action::new);
  }
}
