package dev.gatehouse.action;

/** What policy says of an action; later constants are stronger and win over earlier ones. */
public enum Outcome {
  /** It may run at once. */
  ALLOW,
  /** It waits for a person's answer. */
  ASK,
  /** It never runs. */
  DENY
}
