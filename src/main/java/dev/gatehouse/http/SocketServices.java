package dev.gatehouse.http;

import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.WebSocketSettings;
import dev.gatehouse.gate.Allowances;
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
    LimitSettings limits,
    Allowances allowances,
    Authentication authentication,
    SocketCensus census,
    DecisionTurns decisions,
    SocketVerbs verbs,
    Set<SocketConnection> connections) {

  void left(SocketConnection connection) {
    connections.remove(connection);
  }
}
