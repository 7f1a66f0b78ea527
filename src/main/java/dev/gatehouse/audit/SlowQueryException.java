package dev.gatehouse.audit;

/** The database looked for the answer too long. */
public final class SlowQueryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SlowQueryException(int seconds) {
    super(
        "no answer within " + seconds + " s: ask for less time (from, to) or an action or session",
        null,
        false,
        false);
  }
}
