package dev.gatehouse.gate;

/** An execution asks for a secret that it cannot be given. Nothing ran. */
public final class SecretException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean known;

  private SecretException(boolean known, String message) {
    super(message, null, false, false);
    this.known = known;
  }

  /** There is none of that name, or it is not for that key: which of them is not told. */
  static SecretException unknown(String name) {
    return new SecretException(false, "there is no secret " + name + " for this key");
  }

  static SecretException unavailable(String name) {
    return new SecretException(true, "the secret " + name + " cannot be read now");
  }

  /** Whether there is one, which cannot be read now. */
  public boolean isKnown() {
    return known;
  }
}
