package dev.gatehouse.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Those of one event loop who watch the percentiles, by server-sent events or by WebSocket: once a
 * second, written once for all loops, and framed once for all of this one. Who has not taken the
 * last one gets none meanwhile, and is hung up on if that takes long.
 */
final class LatencyStream {
  static final int MAX_WATCHERS = 100;
  private static final long LOOK_MILLIS = 250;
  private static final int RETRY_SECONDS = 10;

  private final Vertx vertx;
  private final Supplier<Buffer> latency;
  private final Origins origins;
  private final long stallMillis;
  private final List<Client> clients = new ArrayList<>();
  private @Nullable Encoded shown;
  private int upgrading;
  private long timer = -1;

  /**
   * Makes one.
   *
   * @param latency the last sample as JSON, the same object until the next
   */
  LatencyStream(Vertx vertx, Supplier<Buffer> latency, Origins origins, long stallMillis) {
    this.vertx = vertx;
    this.latency = latency;
    this.origins = origins;
    this.stallMillis = stallMillis;
  }

  /** A sample, encoded for either kind of client. */
  private record Encoded(Buffer json, Buffer event, WebSocketFrame frame) {
    static Encoded of(Buffer json) {
      return new Encoded(
          json,
          Buffer.buffer("event: latency\ndata: ").appendBuffer(json).appendString("\n\n"),
          WebSocketFrame.textFrame(json.toString(StandardCharsets.UTF_8), true));
    }
  }

  private static final class Client {
    final HttpServerRequest request;

    /** Completes when the client has taken it. */
    final Function<Encoded, Future<Void>> writer;

    boolean behind;

    Client(HttpServerRequest request, Function<Encoded, Future<Void>> writer) {
      this.request = request;
      this.writer = writer;
    }
  }

  void add(RoutingContext context) {
    if (clients.size() + upgrading >= MAX_WATCHERS) {
      throw ApiException.retryable(
          429, "latency.watchers", "too many watch already", RETRY_SECONDS);
    }
    HttpServerRequest request = context.request();
    Connections.goesOnForEver(context);
    if (request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)) {
      origins.requireKnown(request);
      addSocket(context, request);
    } else {
      addEvents(context, request);
    }
  }

  private void addEvents(RoutingContext context, HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Client client = new Client(request, encoded -> response.write(encoded.event()));
    context.addEndHandler(gone -> clients.remove(client));
    show(client);
  }

  /** What the client sends is thrown away. */
  private void addSocket(RoutingContext context, HttpServerRequest request) {
    upgrading++;
    request
        .toWebSocket()
        .onComplete(
            socket -> {
              upgrading--;
              Client client = new Client(request, encoded -> socket.writeFrame(encoded.frame()));
              socket.closeHandler(gone -> clients.remove(client));
              if (!socket.isClosed()) {
                show(client);
              }
            },
            failure -> {
              upgrading--;
              context.fail(failure);
            });
  }

  private void show(Client client) {
    clients.add(client);
    send(client, encoded());
    if (timer < 0) {
      timer = vertx.setPeriodic(LOOK_MILLIS, id -> look());
    }
  }

  @SuppressWarnings("ReferenceEquality") // another sample is another object
  private Encoded encoded() {
    Buffer now = latency.get();
    Encoded last = shown;
    if (last == null || last.json != now) {
      last = Encoded.of(now);
      shown = last;
    }
    return last;
  }

  @SuppressWarnings("ReferenceEquality") // another sample is another object
  private void look() {
    if (clients.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
      return;
    }
    Encoded before = shown;
    Encoded now = encoded();
    if (now != before) {
      List.copyOf(clients).forEach(client -> send(client, now));
    }
  }

  private void send(Client client, Encoded encoded) {
    if (client.behind) {
      return;
    }
    client.behind = true;
    long late = vertx.setTimer(stallMillis, id -> HangUp.on(client.request));
    client
        .writer
        .apply(encoded)
        .onComplete(
            taken -> {
              vertx.cancelTimer(late);
              client.behind = false;
            },
            gone -> {
              vertx.cancelTimer(late);
              HangUp.on(client.request);
            });
  }
}
