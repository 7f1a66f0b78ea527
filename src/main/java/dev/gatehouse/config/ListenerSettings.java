package dev.gatehouse.config;

import java.net.InetAddress;
import java.util.List;

/**
 * How connections are made.
 *
 * @param proxies networks, in CIDR notation, of the proxies that connections come from, each of
 *     which begins with the PROXY protocol; empty where clients connect themselves
 * @param clearTextHttp2 whether HTTP/2 is spoken without TLS, too
 * @param maxStreams requests of one HTTP/2 connection at once
 * @param maxResets requests of one HTTP/2 connection that its client may take back within {@code
 *     resetSeconds}; then it is closed
 * @param headTimeoutMillis how long a request's head may take to arrive, from its first byte on
 */
public record ListenerSettings(
    List<String> proxies,
    boolean clearTextHttp2,
    int maxStreams,
    int maxResets,
    int resetSeconds,
    int headTimeoutMillis) {

  static ListenerSettings read(Settings settings) {
    return new ListenerSettings(
        settings.texts(
            "proxyProtocol",
            "a list of networks such as 10.0.0.0/8 or 2001:db8::/32",
            ListenerSettings::isNetwork),
        settings.bool("http2.clearText", false),
        settings.integer("http2.maxStreams", 1, 100_000, 250),
        settings.integer("http2.maxResets", 1, 1_000_000, 200),
        settings.integer("http2.resetSeconds", 1, 3_600, 30),
        settings.integer("http.headTimeoutMillis", 100, 600_000, 10_000));
  }

  /** Whether a text is an address and the length of its network's prefix. */
  private static boolean isNetwork(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
      return false;
    }
    try {
      int bits = InetAddress.ofLiteral(text.substring(0, slash)).getAddress().length * 8;
      return Integer.parseInt(text.substring(slash + 1)) <= bits;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
