package dev.gatehouse.gate;

/** A sandbox was handed out and gave no sign of life; nothing was done in it. */
final class SilentSandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** So many are taken one after the other before it is given up. */
  static final int MAX_TAKEN = 3;

  SilentSandboxException() {
    super("the sandbox gave no sign of life", null, false, false);
  }
}
