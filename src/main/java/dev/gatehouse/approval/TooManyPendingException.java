package dev.gatehouse.approval;

/** As many questions as allowed wait for an answer. */
public final class TooManyPendingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooManyPendingException(int ofOneAgent, int inAll) {
    super(
        "too many approvals are pending: at most "
            + ofOneAgent
            + " of one agent and "
            + inAll
            + " in all",
        null,
        false,
        false);
  }
}
