package dev.gatehouse.http;

import dev.gatehouse.action.Ids;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Allowances;
import dev.gatehouse.gate.Key;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/ws}: one WebSocket for everything. A request with a key in its header is refused over
 * HTTP where the key is; one without becomes a WebSocket whose first frame must say the key.
 * Confined to one event loop.
 */
final class SocketRoute {
  private static final String PATH = "/v1/ws";
  private static final long SWEEP_MILLIS = 250;

  /** Times below this are looked at more often. */
  private static final int SWEEPS_A_PERIOD = 4;

  private final Ids ids = new Ids();
  private final SocketServices services;
  private boolean draining;
  private final Origins origins;

  SocketRoute(
      Vertx vertx,
      DecisionTurns decisions,
      Authentication authentication,
      SocketCensus census,
      SocketVerbs verbs,
      Origins origins,
      Allowances allowances,
      Configuration configuration) {
    this.origins = origins;
    var loop = vertx.getOrCreateContext();
    this.services =
        new SocketServices(
            vertx,
            loop,
            configuration.webSocket(),
            configuration.limits(),
            allowances,
            authentication,
            census,
            decisions,
            verbs,
            new HashSet<>());
    vertx.setPeriodic(sweepMillis(configuration), timer -> sweep());
  }

  private static long sweepMillis(Configuration configuration) {
    int shortest =
        Math.min(configuration.webSocket().pingMillis(), configuration.webSocket().idleMillis());
    return Math.clamp(shortest / SWEEPS_A_PERIOD, 10, SWEEP_MILLIS);
  }

  /** To be added before what times and gathers requests: a WebSocket is none of these. */
  void addTo(Router router) {
    router.get(PATH).handler(this::open);
  }

  private void open(RoutingContext context) {
    HttpServerRequest request = context.request();
    String requestId = RequestId.of(request, ids);
    context.put(RequestId.HEADER, requestId);
    context.response().putHeader(RequestId.HEADER, requestId);
    Trace.take(context);
    if (!request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)) {
      if (request.version() != HttpVersion.HTTP_2) {
        context
            .response()
            .putHeader(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET)
            .putHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
      }
      context.fail(
          ApiException.of(
              426, "websocket.expected", "expected a WebSocket's handshake over HTTP/1.1"));
      return;
    }
    try {
      origins.requireKnown(request);
    } catch (ApiException e) {
      context.fail(e);
      return;
    }
    if (!request.headers().contains(HttpHeaders.AUTHORIZATION)) {
      open(context, requestId, null);
      return;
    }
    Future<Key> known = services.authentication().of(request);
    if (!known.isComplete()) {
      request.pause();
    }
    known.onComplete(key -> open(context, requestId, key), context::fail);
  }

  private void open(RoutingContext context, String requestId, @Nullable Key known) {
    HttpServerRequest request = context.request();
    try {
      enter(known);
      request
          .toWebSocket()
          .onComplete(socket -> begin(socket, request, requestId, known), failure -> leave(known));
      request.resume();
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  private void enter(@Nullable Key known) {
    boolean room =
        known == null ? services.census().enterStranger() : services.census().enter(known.actor());
    if (!room) {
      throw ApiException.retryable(
          429, "connections.exhausted", "there are too many connections already", 1);
    }
  }

  private void leave(@Nullable Key known) {
    if (known == null) {
      services.census().leaveStranger();
    } else {
      services.census().leave(known.actor());
    }
  }

  private void begin(
      ServerWebSocket socket, HttpServerRequest request, String requestId, @Nullable Key known) {
    Channel channel = ((ConnectionBase) request.connection()).channel();
    SocketConnection connection =
        new SocketConnection(services, socket, channel, requestId, Authentication.caller(request));
    services.connections().add(connection);
    connection.begin(known);
    if (draining) {
      connection.drain();
    }
  }

  private void sweep() {
    long nowNanos = System.nanoTime();
    List.copyOf(services.connections()).forEach(connection -> connection.sweep(nowNanos));
  }

  /** Tells every client that the server drains. */
  void drain() {
    draining = true;
    List.copyOf(services.connections()).forEach(SocketConnection::drain);
  }

  /** Whether nobody waits for a reply or the rest of an output. */
  boolean isQuiet() {
    return services.connections().stream().allMatch(SocketConnection::isQuiet);
  }

  /** Tells every client that the server stops. */
  void close() {
    List.copyOf(services.connections())
        .forEach(connection -> connection.close(SocketClose.SERVER_STOPS));
  }
}
