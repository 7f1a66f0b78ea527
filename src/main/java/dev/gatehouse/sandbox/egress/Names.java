package dev.gatehouse.sandbox.egress;

import dev.gatehouse.config.SandboxSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.dns.DnsClient;
import io.vertx.core.dns.DnsClientOptions;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Looks names up, once an attempt and with nothing remembered. Confined to one event loop. */
final class Names {
  private static final long QUERY_MILLIS = 5_000;

  /** Addresses of one name that are looked at. */
  private static final int MAX_ADDRESSES = 16;

  private final DnsClient client;
  private final Traffic traffic;

  /**
   * @param server {@code address:port} of the name server, or {@link SandboxSettings.Egress#SYSTEM}
   */
  Names(Vertx vertx, String server, Traffic traffic) {
    this.traffic = traffic;
    DnsClientOptions options = new DnsClientOptions().setQueryTimeout(QUERY_MILLIS);
    if (!server.equals(SandboxSettings.Egress.SYSTEM)) {
      Target target = Target.parse(server, 53);
      options.setHost(target.host().name()).setPort(target.port());
    }
    client = vertx.createDnsClient(options);
  }

  /** The name's addresses, IPv4 first; none if it has none or no answer came in time. */
  Future<List<InetAddress>> resolve(String name) {
    traffic.lookUp();
    Future<List<String>> four = client.resolveA(name).otherwise(List.of());
    Future<List<String>> six = client.resolveAAAA(name).otherwise(List.of());
    return Future.join(four, six)
        .map(both -> {
          List<InetAddress> addresses = new ArrayList<>();
          four.result().forEach(text -> addresses.add(InetAddress.ofLiteral(text)));
          for (String text : six.result()) {
            // What is IPv4 inside IPv6 is read as IPv4; nobody needs it there but to deceive.
            if (InetAddress.ofLiteral(text) instanceof Inet6Address address) {
              addresses.add(address);
            }
          }
          return addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size()));
        });
  }

  Future<Void> close() {
    return client.close();
  }
}
