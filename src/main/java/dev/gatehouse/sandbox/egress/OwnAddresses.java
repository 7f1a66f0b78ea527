package dev.gatehouse.sandbox.egress;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The addresses of this machine, of every interface. They may change at any time: who was connected
 * is asked once more, by {@link #isItself}. Confined to one event loop.
 */
final class OwnAddresses {
  private final Vertx vertx;
  private Set<InetAddress> addresses = Set.of();

  OwnAddresses(Vertx vertx) {
    this.vertx = vertx;
  }

  Future<Void> refresh() {
    return vertx
        .executeBlocking(OwnAddresses::read, false)
        .onSuccess(found -> addresses = found)
        .mapEmpty();
  }

  private static Set<InetAddress> read() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .map(OwnAddresses::withoutZone)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static InetAddress withoutZone(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  boolean contains(InetAddress address) {
    return addresses.contains(address);
  }

  /**
   * Whether a connection leads from this machine to itself: then both its ends have one address.
   */
  static boolean isItself(io.vertx.core.net.SocketAddress local, InetAddress remote) {
    return remote.getHostAddress().equals(local.hostAddress());
  }
}
