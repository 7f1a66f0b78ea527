package dev.gatehouse.gate;

/** Policy wants secrets taken out of what a file operation would give, and that cannot be done. */
public final class UnscannableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnscannableException() {
    super("policy wants results without secrets, and a file's content cannot be looked through");
  }
}
