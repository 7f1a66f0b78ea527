package dev.gatehouse.action;

/** What must hold for an allowed action to run; whoever runs it enforces all of them. */
public enum Obligation {
  /** Runs in a sandbox only. */
  SANDBOX("sandbox"),
  /** Runs without any network. */
  NO_EGRESS("no-egress"),
  /** Its arguments and output are recorded whole. */
  FULL_AUDIT("full-audit"),
  /** Secrets are taken out of what goes back to the agent. */
  SCAN_RESULTS("scan-results");

  private final String word;

  Obligation(String word) {
    this.word = word;
  }

  /** The word used in policy files and in JSON. */
  public String word() {
    return word;
  }
}
