package dev.gatehouse.policy;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import dev.gatehouse.policy.match.Glob;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One rule, checked and compiled. Immutable.
 *
 * @param source where it is written
 * @param id unique in the policy
 * @param code stable reason code
 * @param text one sentence for a person
 * @param tier who stands behind it
 * @param mode whether it counts
 * @param expiresMillis when it stops counting; {@link Long#MAX_VALUE} for never
 * @param tools the tools it is about
 * @param when the condition
 * @param unless names of the exceptions that lift it
 * @param outcome what it decides
 * @param risk how much harm it sees
 * @param score 0 to 100
 * @param obligations what must hold if the action runs
 * @param terms the terms of approval if it asks
 */
record Rule(
    Source source,
    String id,
    String code,
    String text,
    Tier tier,
    Mode mode,
    long expiresMillis,
    List<Glob> tools,
    Condition when,
    List<Lift> unless,
    Outcome outcome,
    Risk risk,
    int score,
    Set<Obligation> obligations,
    ApprovalTerms terms) {

  /**
   * A named carve-out.
   *
   * @param name its name
   * @param tier who stands behind it: it lifts no rule of a higher tier
   * @param when when it lifts
   */
  record Lift(Source source, String name, Tier tier, Condition when) {}

  boolean isAbout(String tool) {
    for (Glob glob : tools) {
      if (glob.matches(tool)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it says the same of every action with one of its tools, at any time. */
  boolean isConstant() {
    return when instanceof Condition.Always
        && unless.isEmpty()
        && expiresMillis == Long.MAX_VALUE
        && mode == Mode.ENFORCE;
  }

  /** The same rule if it counted, at any time and without exceptions. */
  Rule enforcedForever() {
    return with(Mode.ENFORCE, Long.MAX_VALUE, List.of());
  }

  /** The same rule if it counted until it expires. */
  Rule enforced() {
    return with(Mode.ENFORCE, expiresMillis, unless);
  }

  /** The same rule if it did not expire. */
  Rule lasting() {
    return with(mode, Long.MAX_VALUE, unless);
  }

  private Rule with(Mode newMode, long newExpiry, List<Lift> newUnless) {
    return new Rule(
        source,
        id,
        code,
        text,
        tier,
        newMode,
        newExpiry,
        tools,
        when,
        newUnless,
        outcome,
        risk,
        score,
        obligations,
        terms);
  }

  /** The conditions without parts in it and in its exceptions. */
  Stream<Condition> conditions() {
    return Stream.concat(Stream.of(when), unless.stream().map(Lift::when))
        .flatMap(Condition::plain);
  }

  /** What to do if the condition cannot be told. */
  Outcome onError() {
    return tier == Tier.GUARDRAIL ? Outcome.DENY : Outcome.ASK;
  }
}
