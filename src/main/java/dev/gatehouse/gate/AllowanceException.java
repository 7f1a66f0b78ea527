package dev.gatehouse.gate;

import java.util.Locale;

/** A key or its tenant asks for more than it may. Nothing was done. */
public final class AllowanceException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final String code;
  private final Scope scope;
  private final int retryAfterSeconds;

  /** What there is too much of. */
  enum Of {
    DECISIONS("rate.exceeded"),
    EXECUTIONS("rate.exceeded"),
    REQUESTS("rate.exceeded"),
    BYTES("rate.exceeded"),
    RUNNING("quota.exceeded");

    private final String code;

    Of(String code) {
      this.code = code;
    }

    /** The stable word for a refusal. */
    String code() {
      return code;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whose allowance it is. */
  enum Scope {
    KEY,
    TENANT;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private AllowanceException(Of of, Scope scope, int retryAfterSeconds, String message) {
    super(message, null, false, false);
    this.code = of.code();
    this.scope = scope;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static AllowanceException tooFast(Of of, Scope scope, long waitNanos) {
    return new AllowanceException(
        of,
        scope,
        Math.clamp((waitNanos + SECOND_NANOS - 1) / SECOND_NANOS, 1, Integer.MAX_VALUE),
        "the " + scope.word() + " asks for " + of.word() + " faster than it may");
  }

  static AllowanceException full(Scope scope) {
    return new AllowanceException(
        Of.RUNNING, scope, 1, "the " + scope.word() + " has as many executions running as it may");
  }

  /** The stable word for it. */
  public String code() {
    return code;
  }

  /** {@code key} or {@code tenant}. */
  public String scope() {
    return scope.word();
  }

  /** When there is something to take again, 1 or more. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
