package dev.gatehouse.policy;

/** Whether a rule counts. */
enum Mode {
  /** It decides. */
  ENFORCE,
  /** It is evaluated and reported, and decides nothing. */
  SHADOW,
  /** It is not evaluated. */
  OFF
}
