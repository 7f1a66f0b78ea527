package dev.gatehouse.gate.vault;

/** Vault did not give what was asked for. Its text never has anything of an answer. */
public final class VaultException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  VaultException(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  static VaultException of(int status, String what) {
    String why =
        switch (status) {
          case 403 -> "it is not allowed";
          case 404 -> "there is none";
          case 503 -> "it is sealed, or not ready";
          default -> "its status is " + status;
        };
    return new VaultException(status, what + ": " + why);
  }

  /** Whether the token was refused, which may have expired. */
  boolean isForbidden() {
    return status == 403;
  }
}
