package dev.gatehouse.sandbox.egress;

import io.vertx.core.http.HttpConnection;
import org.jspecify.annotations.Nullable;

/** One TCP connection of a sandbox to the proxy. Confined to the proxy's event loop. */
final class Caller {
  final Guest guest;
  private final HttpConnection connection;
  private long idleSinceNanos = System.nanoTime();
  private @Nullable Crossing crossing;
  private boolean busy;

  Caller(Guest guest, HttpConnection connection) {
    this.guest = guest;
    this.connection = connection;
  }

  /** A request's head has arrived. */
  void begins() {
    busy = true;
  }

  void carries(Crossing what) {
    crossing = what;
  }

  /** The answer has left; another request may come. */
  void ends() {
    busy = false;
    crossing = null;
    idleSinceNanos = System.nanoTime();
  }

  /** For how long it has not sent a whole request head, in nanoseconds. */
  long idleNanos(long nowNanos) {
    return busy ? 0 : nowNanos - idleSinceNanos;
  }

  void close() {
    connection.close();
  }

  /** The connection is closed, by whomever. */
  void closed() {
    guest.callers.remove(this);
    if (crossing != null) {
      crossing.cut(guest.howClosed());
    }
  }
}
