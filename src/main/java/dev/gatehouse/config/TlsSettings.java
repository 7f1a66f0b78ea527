package dev.gatehouse.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS on the listener. Its files are PEM, and are read again when they change.
 *
 * @param certificate the server's own certificate, and behind it those up to its root; null for no
 *     TLS
 * @param key the private key of it, not encrypted
 * @param clients whether clients show a certificate, too
 * @param authority certificates, one of which must have signed a client's
 */
public record TlsSettings(
    @Nullable Path certificate, @Nullable Path key, Clients clients, @Nullable Path authority) {

  /** What clients do about a certificate of their own. */
  public enum Clients {
    NONE,
    /** May show one, which must be good then. */
    REQUEST,
    REQUIRE
  }

  static TlsSettings read(Settings settings) {
    TlsSettings tls =
        new TlsSettings(
            settings.optionalPath("tls.certificate"),
            settings.optionalPath("tls.key"),
            settings.oneOf("tls.clients", Clients.class, Clients.NONE),
            settings.optionalPath("tls.authority"));
    tls.crossCheck(settings);
    return tls;
  }

  private void crossCheck(Settings settings) {
    if (certificate == null && key != null) {
      settings.refuse("tls.key", "needs tls.certificate, which it is the key of");
    }
    if (certificate != null && key == null) {
      settings.refuse("tls.certificate", "needs tls.key, its private key");
    }
    if (clients != Clients.NONE && (certificate == null || authority == null)) {
      settings.refuse(
          "tls.clients",
          "needs tls.certificate, and tls.authority, which says whose certificates are good");
    }
    if (clients == Clients.NONE && authority != null) {
      settings.refuse("tls.authority", "is for tls.clients request or require");
    }
  }

  /** Whether the listener speaks TLS. */
  public boolean isOn() {
    return certificate != null;
  }
}
