package dev.gatehouse.audit;

/** What an event tells. The words are stable: they are stored and queried. */
public enum EventKind {
  DECISION("decision"),
  APPROVAL_REQUESTED("approval.requested"),
  APPROVAL_EXPIRED("approval.expired"),
  /** The intent: committed before the code starts. */
  EXECUTION_STARTED("execution.started"),
  EXECUTION_ENDED("execution.ended"),
  SANDBOX_CREATED("sandbox.created"),
  SANDBOX_DESTROYED("sandbox.destroyed"),
  POLICY_CHANGED("policy.changed"),
  SERVER_STARTED("server.started"),
  SERVER_STOPPED("server.stopped");

  private final String word;

  EventKind(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /** The kind whose word is {@code word}. */
  static EventKind of(String word) {
    for (EventKind kind : values()) {
      if (kind.word.equals(word)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no event kind is called " + word);
  }
}
