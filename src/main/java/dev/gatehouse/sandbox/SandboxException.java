package dev.gatehouse.sandbox;

/** Why a sandbox could not be had or used. */
public final class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The reasons, each with its own answer at the edge. */
  public enum Kind {
    /** There is none of that id, or it belongs to somebody else. */
    NOT_FOUND,
    /** It is gone; the message says why. */
    ENDED,
    /** As many sandboxes as allowed are alive. */
    EXHAUSTED,
    /** The execution was cancelled before it began. */
    CANCELLED,
    /** Too many executions wait in this sandbox. */
    BUSY,
    /** It was made without network, and stays so. */
    SEALED,
    /** No sandbox can have network now: it is switched off, or cannot be shown to be closed. */
    NETWORK,
    /** The engine does not answer, or cannot start a sandbox. */
    ENGINE
  }

  private final Kind kind;

  SandboxException(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
