package dev.gatehouse.sandbox.egress;

import java.net.InetAddress;
import java.util.Locale;

/**
 * One entry of a list. Where it names no port it means 80 and 443.
 *
 * <ul>
 *   <li>{@code host}, {@code host:port}: this name
 *   <li>{@code *.host}, {@code *.host:port}: every name below it, not itself
 *   <li>{@code address}, {@code [address]:port}, {@code address/length}, {@code
 *       address/length:port}: these addresses
 * </ul>
 */
sealed interface AllowEntry {
  int ANY_WEB_PORT = 0;

  /** As it was written. */
  String text();

  int port();

  default boolean hasPort(int wanted) {
    return port() == ANY_WEB_PORT ? wanted == 80 || wanted == 443 : wanted == port();
  }

  /**
   * A name, or all below it.
   *
   * @param below whether {@code name} stands for what ends in it, label by label, and not for
   *     itself
   */
  record Named(String text, String name, boolean below, int port) implements AllowEntry {
    boolean matches(String wanted) {
      return below
          ? wanted.length() > name.length() + 1 && wanted.endsWith("." + name)
          : wanted.equals(name);
    }
  }

  /** Addresses. */
  record Block(String text, AddressBlock block, int port) implements AllowEntry {
    boolean contains(InetAddress address) {
      return block.contains(address);
    }
  }

  /** Longest entry, in characters: the longest name, a star before and a port behind it. */
  int MAX_CHARS = 262;

  /**
   * Reads an entry.
   *
   * @throws IllegalArgumentException saying what is wrong and what would be right, as in "... has a
   *     scheme: write the host alone"
   */
  static AllowEntry parse(String text) {
    if (text.length() > MAX_CHARS) {
      throw new IllegalArgumentException("is longer than " + MAX_CHARS + " characters");
    }
    if (text.contains("://")) {
      throw new IllegalArgumentException("has a scheme: write the host alone, as example.org:443");
    }
    if (text.indexOf('@') >= 0) {
      throw new IllegalArgumentException("has a user: write the host alone");
    }
    int slash = text.indexOf('/');
    if (slash >= 0) {
      int colon = text.indexOf(':', slash);
      String block = colon < 0 ? text : text.substring(0, colon);
      if (text.substring(0, slash)
          .chars()
          .anyMatch(c -> Character.digit(c, 16) < 0 && c != '.' && c != ':')) {
        throw new IllegalArgumentException("has a path: write the host alone");
      }
      return block(
          text,
          AddressBlock.parse(block),
          colon < 0 ? ANY_WEB_PORT : Target.port(text.substring(colon + 1)));
    }
    if (text.indexOf(':') != text.lastIndexOf(':') && !text.startsWith("[")) {
      return block(text, AddressBlock.of(Host.ipv6(text.toLowerCase(Locale.ROOT))), ANY_WEB_PORT);
    }
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > text.lastIndexOf(']');
    int port = hasPort ? Target.port(text.substring(colon + 1)) : ANY_WEB_PORT;
    return named(text, hasPort ? text.substring(0, colon) : text, port);
  }

  private static AllowEntry named(String text, String written, int port) {
    boolean below = written.startsWith("*.");
    String rest = below ? written.substring(2) : written;
    if (rest.indexOf('*') >= 0) {
      throw new IllegalArgumentException(
          written.equals("*")
              ? "would allow every host: name the hosts, as example.org or *.example.org"
              : "has a star inside: one stands at the front alone, as in *.example.org");
    }
    Host host = Host.parse(rest);
    if (host.address() != null) {
      if (below) {
        throw new IllegalArgumentException("has a star before an address: write 192.0.2.0/24");
      }
      return block(text, AddressBlock.of(host.address()), port);
    }
    if (below && host.name().indexOf('.') < 0) {
      throw new IllegalArgumentException(
          "names a whole top-level domain: name the hosts, as *.example." + host.name());
    }
    return new Named(text, host.name(), below, port);
  }

  private static AllowEntry block(String text, AddressBlock block, int port) {
    if (Addresses.isRefused(block)) {
      throw new IllegalArgumentException(
          "can never be reached: loopback, link-local, metadata, multicast and reserved addresses"
              + " are always refused");
    }
    return new Block(text, block, port);
  }
}
