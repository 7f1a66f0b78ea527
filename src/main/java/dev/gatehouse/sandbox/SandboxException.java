package dev.gatehouse.sandbox;

import org.jspecify.annotations.Nullable;

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
    /** The tenant holds as much as it may. */
    QUOTA,
    /** Its profile is not for that language. */
    LANGUAGE,
    /** It is paused. */
    PAUSED,
    /** It cannot be done while executions run in it, or while it is being paused or resumed. */
    IN_USE,
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
  private final @Nullable Ending ending;

  SandboxException(Kind kind, String message) {
    this(kind, message, null);
  }

  private SandboxException(Kind kind, String message, @Nullable Ending ending) {
    super(message, null, false, false);
    this.kind = kind;
    this.ending = ending;
  }

  /** For an execution that nobody wants any more, and that did not begin. */
  public static SandboxException cancelled() {
    return new SandboxException(Kind.CANCELLED, "the execution was cancelled before it began");
  }

  /** For who was handed one sandbox after the other that did not live. */
  public static SandboxException silent() {
    return new SandboxException(Kind.ENGINE, "the sandboxes give no sign of life");
  }

  static SandboxException ended(Ending ending, String text) {
    return new SandboxException(Kind.ENDED, "the sandbox has ended: " + text, ending);
  }

  /** Why it is gone; null if it is not, or that is not known yet. */
  public @Nullable Ending ending() {
    return ending;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the service failed, not what the caller asked for. */
  boolean isOurs() {
    return kind == Kind.ENGINE || kind == Kind.EXHAUSTED || kind == Kind.NETWORK;
  }
}
