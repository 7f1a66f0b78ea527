package dev.gatehouse.sandbox.egress;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A host, read strictly: one text means one host to everybody who reads it. What other readers take
 * for an address in disguise ({@code 0x7f.1}, {@code 2130706433}, {@code [::ffff:127.0.0.1]}) is
 * refused. Reading never looks anything up.
 *
 * @param name lower case, without a last dot; an address in its usual notation
 * @param address null for a name
 */
record Host(String name, @Nullable InetAddress address) {
  private static final int MAX_NAME_CHARS = 253;
  private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern DOTTED_QUAD = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMBER = Pattern.compile("\\d+|0x[0-9a-f]*");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]{2,45}");

  /**
   * Reads a name, a dotted quad, or an IPv6 address in brackets.
   *
   * @throws IllegalArgumentException saying what is wrong, as in "... has an empty label"
   */
  static Host parse(String written) {
    if (written.isEmpty()) {
      throw new IllegalArgumentException("has no host");
    }
    if (written.chars().anyMatch(c -> c <= ' ' || c >= 0x7F)) {
      throw new IllegalArgumentException(
          "has a character that is no host's: write other alphabets in punycode, as xn--...");
    }
    String text = written.toLowerCase(Locale.ROOT);
    if (text.startsWith("[") && text.endsWith("]")) {
      return of(ipv6(text.substring(1, text.length() - 1)));
    }
    String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    String last = name.substring(name.lastIndexOf('.') + 1);
    if (NUMBER.matcher(last).matches()) {
      return of(ipv4(name));
    }
    checkName(name);
    return new Host(name, null);
  }

  private static Host of(InetAddress address) {
    return new Host(address.getHostAddress(), address);
  }

  /** An IPv4 address in four decimal numbers, the one notation that all agree on. */
  static InetAddress ipv4(String text) {
    if (!DOTTED_QUAD.matcher(text).matches()) {
      throw new IllegalArgumentException("is a number, and no address as in 192.0.2.1");
    }
    return InetAddress.ofLiteral(text);
  }

  /** An IPv6 address without brackets, zone or an IPv4 address inside. */
  static InetAddress ipv6(String text) {
    if (!IPV6.matcher(text).matches() || text.indexOf(':') < 0) {
      throw new IllegalArgumentException("has no IPv6 address in its brackets");
    }
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("has no IPv6 address in its brackets", e);
    }
    // Java reads ::ffff:192.0.2.1 as IPv4.
    if (!(address instanceof Inet6Address)) {
      throw new IllegalArgumentException("is an IPv4 address written as IPv6: write it as IPv4");
    }
    return address;
  }

  static void checkName(String name) {
    if (name.length() > MAX_NAME_CHARS) {
      throw new IllegalArgumentException("is longer than " + MAX_NAME_CHARS + " characters");
    }
    for (String label : name.split("\\.", -1)) {
      if (!LABEL.matcher(label).matches()) {
        throw new IllegalArgumentException(
            label.isEmpty() ? "has an empty label" : "has a label that is no name's: " + label);
      }
    }
  }
}
