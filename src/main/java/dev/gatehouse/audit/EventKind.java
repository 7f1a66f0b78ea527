package dev.gatehouse.audit;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What an event tells. The words are stable: they are stored and queried. */
public enum EventKind {
  DECISION("decision"),
  APPROVAL_REQUESTED("approval.requested"),
  APPROVAL_CLAIMED("approval.claimed"),
  /** The action was tried in a throw-away sandbox, for its approvers to see what it does. */
  APPROVAL_PREVIEWED("approval.previewed"),
  /** A person answered; with a quorum above one the question may still be open. */
  APPROVAL_DECIDED("approval.decided"),
  /** Nobody answered in time, and others are asked. */
  APPROVAL_ESCALATED("approval.escalated"),
  /** Nobody has answered yet, and those who are asked are told again. */
  APPROVAL_REMINDED("approval.reminded"),
  APPROVAL_EXPIRED("approval.expired"),
  APPROVAL_CANCELLED("approval.cancelled"),
  /** The right to run the action once was taken. */
  APPROVAL_CONSUMED("approval.consumed"),
  /** A person's approval is to hold for later actions, too. */
  MEMORY_MADE("memory.made"),
  /** Policy asked, and what was approved before held. */
  MEMORY_USED("memory.used"),
  MEMORY_REVOKED("memory.revoked"),
  /** The intent: committed before the code starts. */
  EXECUTION_STARTED("execution.started"),
  EXECUTION_ENDED("execution.ended"),
  /** What code said, without its secrets, in parts; where policy wants a full record. */
  EXECUTION_OUTPUT("execution.output"),
  /** What came of sending input, a signal or a terminal's size to an execution that runs. */
  EXECUTION_STEERED("execution.steered"),
  /** What came of reading, writing or looking at a sandbox's files. */
  FILE_ACCESSED("file.accessed"),
  SANDBOX_CREATED("sandbox.created"),
  SANDBOX_DESTROYED("sandbox.destroyed"),
  /** Its time to live begins anew. */
  SANDBOX_RENEWED("sandbox.renewed"),
  SANDBOX_PAUSED("sandbox.paused"),
  SANDBOX_RESUMED("sandbox.resumed"),
  /** A sandbox's attempt to reach another machine: allowed, told before a byte goes, or refused. */
  NETWORK_ACCESSED("network.accessed"),
  /** The end of what was allowed. */
  NETWORK_CLOSED("network.closed"),
  /** A sandbox's list of where it may go was replaced. */
  NETWORK_CHANGED("network.changed"),
  POLICY_CHANGED("policy.changed"),
  SERVER_STARTED("server.started"),
  SERVER_STOPPED("server.stopped"),
  /** The settings in effect. */
  CONFIGURATION("configuration"),
  /** A key's first use in this run of the server, and its first in each hour. */
  KEY_USED("key.used"),
  /** A key was added, removed, or is another one or somebody else's. */
  KEY_CHANGED("key.changed"),
  /** Requests without a known key, counted. */
  KEY_REFUSED("key.refused"),
  /** Requests of a key that asked for more than it or its tenant may, counted. */
  LIMIT_EXCEEDED("limit.exceeded"),
  LOG_ARCHIVED("log.archived"),
  ALERT("alert");

  private static final Map<String, EventKind> BY_WORD =
      Arrays.stream(values()).collect(Collectors.toMap(EventKind::word, Function.identity()));

  private final String word;

  EventKind(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /** The kind whose word is {@code word}. */
  static EventKind of(String word) {
    EventKind kind = BY_WORD.get(word);
    if (kind == null) {
      throw new IllegalArgumentException("no event kind is called " + word);
    }
    return kind;
  }
}
