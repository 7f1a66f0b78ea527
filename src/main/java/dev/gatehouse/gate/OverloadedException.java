package dev.gatehouse.gate;

/** As many executions as allowed run already. */
public final class OverloadedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OverloadedException(int limit) {
    super(limit + " executions run already", null, false, false);
  }
}
