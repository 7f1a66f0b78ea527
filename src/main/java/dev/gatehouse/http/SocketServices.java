package dev.gatehouse.http;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.WebSocketSettings;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Set;

/**
 * What the WebSockets of one event loop share.
 *
 * @param connections those that are open
 */
record SocketServices(
    Vertx vertx,
    Context loop,
    WebSocketSettings settings,
    Configuration.Limits limits,
    Authentication authentication,
    SocketCensus census,
    SocketDecisions decisions,
    SocketVerbs verbs,
    Set<SocketConnection> connections) {

  void left(SocketConnection connection) {
    connections.remove(connection);
  }
}
