package dev.gatehouse.gate;

/** The server is about to stop, and takes nothing new. */
public final class DrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DrainingException() {
    super("the server is about to stop and takes nothing new: ask another one", null, false, false);
  }
}
