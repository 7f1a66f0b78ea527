package dev.gatehouse.policy;

/** Who stands behind a rule; earlier constants stand above later ones. */
enum Tier {
  GUARDRAIL,
  ORGANISATION,
  PROJECT,
  SESSION
}
