package dev.gatehouse.policy;

import dev.gatehouse.action.Action;

/**
 * Holds if the same happened more than {@code limit} times within the window before now. Counts
 * every time it is asked, so a rule asks it last.
 *
 * @param rule whose count it is
 * @param limit how many times are fine, 1 to {@link #MOST}
 * @param windowMillis length of the window, in milliseconds
 * @param perActor whether each actor has a count of its own; a tenant always has
 * @param perSession whether each session has a count of its own
 * @param denies whether its rule denies
 */
record RateCondition(
    Source source,
    String rule,
    int limit,
    long windowMillis,
    boolean perActor,
    boolean perSession,
    boolean denies)
    implements Condition {
  /** The largest limit. */
  static final int MOST = 10_000;

  @Override
  public boolean holds(Facts facts) {
    if (denies && facts.counting == Facts.Counting.AGAIN) {
      return false;
    }
    return facts.rates.exceeds(
        owner(facts.action),
        session(facts.action),
        limit,
        windowMillis,
        facts.nowMillis,
        facts.counting == Facts.Counting.HAPPENS);
  }

  /** When it no longer holds if nothing else happens, in milliseconds since 1970. */
  long freeAtMillis(Facts facts) {
    return facts.rates.freeAtMillis(
        owner(facts.action), session(facts.action), limit, windowMillis, facts.nowMillis);
  }

  private Rates.Owner owner(Action action) {
    return new Rates.Owner(rule, action.actor().tenant(), perActor ? action.actor().name() : "");
  }

  private String session(Action action) {
    return perSession ? action.session() : "";
  }

  @Override
  public Need need() {
    return Need.nothing();
  }
}
