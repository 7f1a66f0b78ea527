package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import dev.gatehouse.policy.Explanation.Change;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A policy of a few rules about the tool {@code t}, which is allowed, and a clock to turn. */
final class Rulebook {
  static final Actor ADA = new Actor("acme", "ada", Role.AGENT);

  private static final String START = "2026-03-04T12:00:00Z";

  private final Policy policy;
  private Instant now = Instant.parse(START);

  private Rulebook(String head, String rules) throws PolicyException {
    this.policy = Policy.compile(Map.of("p.yaml", file(head, rules)), () -> now);
  }

  /** The file's text. */
  static String file(String head, String rules) {
    return head + "rules:\n" + rule("allow", "tools: t, decision: allow") + rules;
  }

  /** One rule, in a line. */
  static String rule(String id, String rest) {
    return "  - {id: " + id + ", text: x, " + rest + "}\n";
  }

  static Rulebook of(String rules) throws PolicyException {
    return new Rulebook("", rules);
  }

  static Rulebook of(String head, String rules) throws PolicyException {
    return new Rulebook(head, rules);
  }

  /** One rule, which denies when the condition holds. */
  static Rulebook denying(String condition) throws PolicyException {
    return of(rule("deny", "tools: t, decision: deny, when: " + condition));
  }

  Policy policy() {
    return policy;
  }

  /** Turns the clock to a time such as {@code 2026-03-04T12:00:00Z}. */
  void at(String time) {
    now = Instant.parse(time);
  }

  void later(long millis) {
    now = now.plusMillis(millis);
  }

  Decision decide(Actor actor, String session, Map<String, Object> arguments) {
    return policy.decide(new Action(actor, session, "t", arguments, Map.of()));
  }

  Decision decide(Map<String, Object> arguments) {
    return decide(ADA, "s", arguments);
  }

  Decision decide() {
    return decide(Map.of());
  }

  Outcome outcome(Map<String, Object> arguments) {
    return decide(arguments).outcome();
  }

  Outcome outcomeIn(Map<String, Object> context) {
    return policy.decide(new Action(ADA, "s", "t", Map.of(), context)).outcome();
  }

  Outcome outcomeFor(Actor actor, String session) {
    return decide(actor, session, Map.of()).outcome();
  }

  Outcome outcome() {
    return outcome(Map.of());
  }

  /** The changes that would give ada's session {@code s} another outcome, of one kind. */
  List<String> changes(Change.Kind kind, Map<String, Object> context) {
    return policy.explain(new Action(ADA, "s", "t", Map.of(), context)).changes().stream()
        .filter(change -> change.kind() == kind)
        .map(Change::toString)
        .toList();
  }

  List<String> changes(Change.Kind kind) {
    return changes(kind, Map.of());
  }
}
