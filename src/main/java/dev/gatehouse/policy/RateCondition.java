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
 */
record RateCondition(
    Source source, String rule, int limit, long windowMillis, boolean perActor, boolean perSession)
    implements Condition {
  /** The largest limit. */
  static final int MOST = 10_000;

  @Override
  public boolean holds(Facts facts) {
    Action action = facts.action;
    Rates.Owner owner =
        new Rates.Owner(rule, action.actor().tenant(), perActor ? action.actor().name() : "");
    return facts.rates.exceeds(
        owner,
        perSession ? action.session() : "",
        limit,
        windowMillis,
        facts.nowMillis,
        facts.counting);
  }

  @Override
  public Need need() {
    return Need.nothing();
  }
}
