package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Risk;
import org.jspecify.annotations.Nullable;

/**
 * One of a policy's own tests.
 *
 * @param action what is asked for
 * @param outcome the outcome it must get; null for any
 * @param risk the risk it must get; null for any
 * @param rule a rule that must be, or must not be, among the reasons; null for none
 * @param matches whether it must be
 * @param times how often the action comes in a row; the last time counts
 * @param atMillis when it comes; null for any time, at which no rule has expired
 */
record PolicyCase(
    Source source,
    Action action,
    @Nullable Outcome outcome,
    @Nullable Risk risk,
    @Nullable String rule,
    boolean matches,
    int times,
    @Nullable Long atMillis) {}
