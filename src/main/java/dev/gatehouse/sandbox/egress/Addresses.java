package dev.gatehouse.sandbox.egress;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/** What kind of address it is. The host's own addresses are not among these: they differ. */
final class Addresses {
  /** No list can allow these. */
  private static final List<AddressBlock> REFUSED =
      blocks(
          // This network, loopback, link-local (with the clouds' metadata), multicast, reserved.
          "0.0.0.0/8",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "224.0.0.0/4",
          "240.0.0.0/4",
          // Metadata services that are not link-local: Alibaba, Azure, Oracle, AWS.
          "100.100.100.200/32",
          "168.63.129.16/32",
          "192.0.0.0/24",
          "fd00:ec2::/32",
          // Unspecified, loopback, and IPv4 inside IPv6 in its old forms; link- and site-local,
          // multicast.
          "::/96",
          "fe80::/10",
          "fec0::/10",
          "ff00::/8",
          // IPv4 addresses inside: NAT64, Teredo, 6to4. Whatever they lead to was not checked.
          "64:ff9b::/96",
          "64:ff9b:1::/48",
          "2001::/32",
          "2002::/16");

  /** A name that leads to one of these is let through only where a block in the list says so. */
  private static final List<AddressBlock> PRIVATE =
      blocks(
          "10.0.0.0/8",
          "172.16.0.0/12",
          "192.168.0.0/16",
          "100.64.0.0/10",
          "198.18.0.0/15",
          "fc00::/7");

  private Addresses() {}

  private static List<AddressBlock> blocks(String... texts) {
    return Stream.of(texts).map(AddressBlock::parse).toList();
  }

  static boolean isRefused(InetAddress address) {
    return REFUSED.stream().anyMatch(block -> block.contains(address));
  }

  /** Whether no address of the block could ever be reached. */
  static boolean isRefused(AddressBlock block) {
    return REFUSED.stream().anyMatch(refused -> refused.covers(block));
  }

  static boolean isPrivate(InetAddress address) {
    return PRIVATE.stream().anyMatch(block -> block.contains(address));
  }
}
