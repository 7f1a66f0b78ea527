package dev.gatehouse.action;

import java.util.Locale;

/** What a key may do. A key has one role; no role includes another. */
public enum Role {
  /** Asks for decisions and executions, and sees what it asked for. */
  AGENT,
  /** Answers approvals. */
  APPROVER,
  /** Runs the server: sandboxes of every session, policies, audit. */
  OPERATOR,
  /** Reads the audit log. */
  AUDITOR;

  /** The lower-case word used in files, headers and JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
