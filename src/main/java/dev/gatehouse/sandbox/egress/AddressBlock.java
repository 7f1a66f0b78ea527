package dev.gatehouse.sandbox.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Addresses that begin alike; no IPv4 address is in a block of IPv6 addresses. */
final class AddressBlock {
  private static final Pattern LENGTH = Pattern.compile("0|[1-9]\\d{0,2}");

  private final byte[] base;
  private final int bits;

  private AddressBlock(byte[] base, int bits) {
    this.base = base;
    this.bits = bits;
  }

  /** The block of one address. */
  static AddressBlock of(InetAddress address) {
    return new AddressBlock(address.getAddress(), 8 * address.getAddress().length);
  }

  /**
   * Reads {@code address/length}.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  static AddressBlock parse(String text) {
    int slash = text.indexOf('/');
    String written = text.substring(0, slash);
    InetAddress address = written.indexOf(':') >= 0 ? Host.ipv6(written) : Host.ipv4(written);
    byte[] base = address.getAddress();
    String length = text.substring(slash + 1);
    if (!LENGTH.matcher(length).matches() || Integer.parseInt(length) > 8 * base.length) {
      throw new IllegalArgumentException(
          "has a length after its '/' that is not 0 to " + 8 * base.length);
    }
    int bits = Integer.parseInt(length);
    byte[] masked = masked(base, bits);
    if (!Arrays.equals(masked, base)) {
      throw new IllegalArgumentException(
          "has bits set beyond its length: write " + text(masked, bits));
    }
    return new AddressBlock(base, bits);
  }

  private static byte[] masked(byte[] address, int bits) {
    byte[] masked = address.clone();
    for (int i = 0; i < masked.length; i++) {
      int kept = Math.clamp(bits - 8L * i, 0, 8);
      masked[i] &= (byte) (0xFF00 >> kept);
    }
    return masked;
  }

  private static String text(byte[] base, int bits) {
    try {
      return InetAddress.getByAddress(base).getHostAddress() + "/" + bits;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == base.length && Arrays.equals(masked(bytes, bits), base);
  }

  /** Whether every address of the other block is in this one. */
  boolean covers(AddressBlock other) {
    return other.base.length == base.length
        && other.bits >= bits
        && Arrays.equals(masked(other.base, bits), base);
  }

  @Override
  public String toString() {
    return text(base, bits);
  }
}
