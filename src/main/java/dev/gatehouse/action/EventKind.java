package dev.gatehouse.action;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an event tells. The words are stable: they are stored and queried. There is one object for
 * each word that this version knows; a row that another version wrote, or somebody who tampered,
 * may have another word, and is read all the same.
 */
public final class EventKind {
  private static final Map<String, EventKind> BY_WORD = new LinkedHashMap<>();

  public static final EventKind DECISION = known("decision");
  public static final EventKind APPROVAL_REQUESTED = known("approval.requested");
  public static final EventKind APPROVAL_CLAIMED = known("approval.claimed");

  /** The action was tried in a throw-away sandbox, for its approvers to see what it does. */
  public static final EventKind APPROVAL_PREVIEWED = known("approval.previewed");

  /** A person answered; with a quorum above one the question may still be open. */
  public static final EventKind APPROVAL_DECIDED = known("approval.decided");

  /** An answer was not taken: of whom, and why. */
  public static final EventKind APPROVAL_REFUSED = known("approval.refused");

  /** Nobody answered in time, and others are asked. */
  public static final EventKind APPROVAL_ESCALATED = known("approval.escalated");

  /** Nobody has answered yet, and those who are asked are told again. */
  public static final EventKind APPROVAL_REMINDED = known("approval.reminded");

  public static final EventKind APPROVAL_EXPIRED = known("approval.expired");
  public static final EventKind APPROVAL_CANCELLED = known("approval.cancelled");

  /** The right to run the action once was taken. */
  public static final EventKind APPROVAL_CONSUMED = known("approval.consumed");

  /** A person's approval is to hold for later actions, too. */
  public static final EventKind MEMORY_MADE = known("memory.made");

  /** Policy asked, and what was approved before held. */
  public static final EventKind MEMORY_USED = known("memory.used");

  public static final EventKind MEMORY_REVOKED = known("memory.revoked");

  /** The intent: committed before the code starts. */
  public static final EventKind EXECUTION_STARTED = known("execution.started");

  public static final EventKind EXECUTION_ENDED = known("execution.ended");

  /** What code said, without its secrets, in parts; where policy wants a full record. */
  public static final EventKind EXECUTION_OUTPUT = known("execution.output");

  /** What came of sending input, a signal or a terminal's size to an execution that runs. */
  public static final EventKind EXECUTION_STEERED = known("execution.steered");

  /** What came of reading, writing or looking at a sandbox's files. */
  public static final EventKind FILE_ACCESSED = known("file.accessed");

  public static final EventKind SANDBOX_CREATED = known("sandbox.created");
  public static final EventKind SANDBOX_DESTROYED = known("sandbox.destroyed");

  /** Its time to live begins anew. */
  public static final EventKind SANDBOX_RENEWED = known("sandbox.renewed");

  public static final EventKind SANDBOX_PAUSED = known("sandbox.paused");
  public static final EventKind SANDBOX_RESUMED = known("sandbox.resumed");

  /** A sandbox's attempt to reach another machine: allowed, told before a byte goes, or refused. */
  public static final EventKind NETWORK_ACCESSED = known("network.accessed");

  /** The end of what was allowed. */
  public static final EventKind NETWORK_CLOSED = known("network.closed");

  /** A sandbox's list of where it may go was replaced. */
  public static final EventKind NETWORK_CHANGED = known("network.changed");

  public static final EventKind POLICY_CHANGED = known("policy.changed");
  public static final EventKind SERVER_STARTED = known("server.started");
  public static final EventKind SERVER_STOPPED = known("server.stopped");

  /** The settings in effect. */
  public static final EventKind CONFIGURATION = known("configuration");

  /** A key's first use in this run of the server, and its first in each hour. */
  public static final EventKind KEY_USED = known("key.used");

  /** A key was added, removed, or is another one or somebody else's. */
  public static final EventKind KEY_CHANGED = known("key.changed");

  /** Requests without a known key, counted. */
  public static final EventKind KEY_REFUSED = known("key.refused");

  /** Requests of a key that asked for more than it or its tenant may, counted. */
  public static final EventKind LIMIT_EXCEEDED = known("limit.exceeded");

  public static final EventKind LOG_ARCHIVED = known("log.archived");
  public static final EventKind ALERT = known("alert");

  private final String word;

  private EventKind(String word) {
    this.word = word;
  }

  private static EventKind known(String word) {
    EventKind kind = new EventKind(word);
    BY_WORD.put(word, kind);
    return kind;
  }

  public String word() {
    return word;
  }

  /** The kind whose word is {@code word}, known or not. */
  public static EventKind of(String word) {
    EventKind kind = BY_WORD.get(word);
    return kind == null ? new EventKind(word) : kind;
  }

  /** Whether this version knows a kind of that word. */
  public static boolean isKnown(String word) {
    return BY_WORD.containsKey(word);
  }

  @Override
  public String toString() {
    return word;
  }
}
