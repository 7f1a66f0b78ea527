package dev.gatehouse.gate.jwt;

/** A token that is not taken, and why. */
public final class TokenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Why why;

  /** Each has a stable code. */
  public enum Why {
    /** No signed token, too long a one, or a claim twice or of another type. */
    MALFORMED("token.malformed"),
    ISSUER("token.issuer"),
    /** Signed in a way, or for a purpose, that is not taken. */
    ALGORITHM("token.algorithm"),
    /** Signed with a key that the issuer does not have. */
    KEY("token.key-unknown"),
    SIGNATURE("token.signature"),
    AUDIENCE("token.audience"),
    EXPIRED("token.expired"),
    NOT_YET("token.not-yet"),
    /** It does not say who somebody is, or for a tenant that is not the issuer's. */
    IDENTITY("token.identity"),
    ROLE("token.role"),
    /** The issuer's keys are not to be had. */
    AWAY("token.keys-unavailable"),
    /** More tokens are to be checked than can be. */
    BUSY("token.busy");

    private final String code;

    Why(String code) {
      this.code = code;
    }

    public String code() {
      return code;
    }
  }

  TokenException(Why why, String message) {
    super(message, null, false, false);
    this.why = why;
  }

  public Why why() {
    return why;
  }

  /** Whether it says nothing about the token: the same may be taken soon. */
  public boolean isTemporary() {
    return why == Why.AWAY || why == Why.BUSY;
  }
}
