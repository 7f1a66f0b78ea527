package dev.gatehouse.store;

/** Too many calls wait for the database, or one waited too long: nothing was sent. */
public final class StoreBusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoreBusyException(String message) {
    super(message, null, false, false);
  }
}
