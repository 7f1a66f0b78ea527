package dev.gatehouse.gate;

import dev.gatehouse.action.Decision;

/**
 * A decision on one action.
 *
 * @param id the action's id, under which the audit log has it
 * @param tookNanos how long the policy took, in nanoseconds
 */
public record Verdict(String id, Decision decision, long tookNanos) {}
