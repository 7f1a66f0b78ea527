package dev.gatehouse.sandbox.egress;

import java.util.regex.Pattern;

/**
 * Where a sandbox wants to go.
 *
 * @param port 1 to 65535
 */
record Target(Host host, int port) {
  private static final Pattern PORT = Pattern.compile("[1-9]\\d{0,4}");
  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code host:port}.
   *
   * @param defaultPort the port where none is written; 0 if one must be
   * @throws IllegalArgumentException saying what is wrong
   */
  static Target parse(String authority, int defaultPort) {
    int colon = authority.lastIndexOf(':');
    if (colon > authority.lastIndexOf(']')) {
      return new Target(
          Host.parse(authority.substring(0, colon)), port(authority.substring(colon + 1)));
    }
    if (defaultPort == 0) {
      throw new IllegalArgumentException("has no port");
    }
    return new Target(Host.parse(authority), defaultPort);
  }

  static int port(String text) {
    if (!PORT.matcher(text).matches() || Integer.parseInt(text) > MAX_PORT) {
      throw new IllegalArgumentException("has a port that is not 1 to " + MAX_PORT);
    }
    return Integer.parseInt(text);
  }

  /** As an authority: {@code host:port}. */
  @Override
  public String toString() {
    return (host.name().indexOf(':') >= 0 ? "[" + host.name() + "]" : host.name()) + ":" + port;
  }
}
