package dev.gatehouse.config;

import java.net.URI;
import java.util.Locale;
import java.util.Set;

/** Addresses that the server itself asks for what it then trusts. */
final class Addresses {
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

  private Addresses() {}

  /** Whether nobody on the way can change an answer: by TLS, or because it stays on the machine. */
  static boolean isSafe(String text) {
    URI address = URI.create(text);
    String host = address.getHost();
    if (host == null || address.getUserInfo() != null) {
      return false;
    }
    return switch (String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT)) {
      case "https" -> true;
      case "http" -> THIS_MACHINE.contains(host);
      default -> false;
    };
  }
}
