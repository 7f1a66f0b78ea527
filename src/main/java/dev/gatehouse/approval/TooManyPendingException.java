package dev.gatehouse.approval;

/** As many questions as allowed wait for an answer. */
public final class TooManyPendingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooManyPendingException(int limit) {
    super(limit + " approvals are pending", null, false, false);
  }
}
