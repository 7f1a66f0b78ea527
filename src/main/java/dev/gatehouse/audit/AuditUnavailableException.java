package dev.gatehouse.audit;

/**
 * An event could not be recorded in time, so what it stands for must not go on; or the log cannot
 * be read.
 */
public final class AuditUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Cause {
    /** PostgreSQL is away or does not commit. */
    AWAY,
    /** Too many events wait for their commit. */
    FULL
  }

  private final Cause why;

  AuditUnavailableException(Cause why, String message) {
    super(message, null, false, false);
    this.why = why;
  }

  public Cause why() {
    return why;
  }
}
