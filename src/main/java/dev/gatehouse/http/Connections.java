package dev.gatehouse.http;

import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The connections of one event loop and what is asked over them. Hangs up on who has asked for
 * nothing for long, and on who takes nothing of what it is answered. A connection is never idle
 * while something that it asked for is under way, however long that is silent. What became a
 * WebSocket has limits of its own. Confined to the event loop.
 */
final class Connections {
  private static final int LOOKS = 4;
  private static final long MAX_LOOK_MILLIS = 1_000;

  private final long idleMillis;
  private final long stallMillis;
  private final Set<ConnectionWatch> open = new HashSet<>();
  private int underWay;
  private int endless;

  /**
   * Watches nothing yet.
   *
   * @param idleMillis how long a connection may ask for nothing
   * @param stallMillis how long a client may take nothing of what is sent to it
   */
  Connections(long idleMillis, long stallMillis) {
    this.idleMillis = idleMillis;
    this.stallMillis = stallMillis;
  }

  /** Looks at the clock from now on. */
  void watch(Context loop) {
    long shortest = Math.min(idleMillis, stallMillis);
    loop.owner()
        .setPeriodic(
            Math.clamp(shortest / LOOKS, 1, MAX_LOOK_MILLIS), look -> look(System.nanoTime()));
  }

  /** A connection was made. */
  void add(HttpConnection connection) {
    Channel channel = ((ConnectionBase) connection).channel();
    // One that is upgraded to HTTP/2 is told twice.
    if (ConnectionWatch.of(channel) != null) {
      return;
    }
    ConnectionWatch watch = ConnectionWatch.begin(this, connection, channel);
    open.add(watch);
    channel.closeFuture().addListener(closed -> open.remove(watch));
  }

  /** A request came; it is under way until it is answered, or its client is gone. Hot path. */
  ConnectionWatch begin(HttpServerRequest request) {
    ConnectionWatch watch = ConnectionWatch.of(request.connection());
    watch.begin();
    underWay++;
    return watch;
  }

  /** A request is over. */
  void end(ConnectionWatch watch) {
    watch.end();
    underWay--;
  }

  /** A request is answered by what has no end of its own: nobody waits for it. */
  static void goesOnForEver(RoutingContext context) {
    Connections connections = ConnectionWatch.of(context.request().connection()).among();
    connections.endless++;
    context.addEndHandler(over -> connections.endless--);
  }

  /** Whether everything that was asked for has been answered, and was taken. */
  boolean isQuiet() {
    return underWay == endless && open.stream().noneMatch(ConnectionWatch::owes);
  }

  private void look(long nowNanos) {
    for (ConnectionWatch watch : List.copyOf(open)) {
      if (watch.isWebSocket()) {
        open.remove(watch);
      } else {
        watch.look(nowNanos, idleMillis, stallMillis);
      }
    }
  }
}
