package dev.gatehouse.gate;

/** There is no such background execution, or it is forgotten, or somebody else's. */
public final class UnknownExecutionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnknownExecutionException() {
    super("there is no such background execution, or it ended a while ago", null, false, false);
  }
}
