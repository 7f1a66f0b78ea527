package dev.gatehouse.gate;

import dev.gatehouse.action.Obligation;

/** Policy allows an action on a condition that does not hold where it would run. */
public final class ObligationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Obligation obligation;

  ObligationException(Obligation obligation, String message) {
    super(message, null, false, false);
    this.obligation = obligation;
  }

  public Obligation obligation() {
    return obligation;
  }
}
