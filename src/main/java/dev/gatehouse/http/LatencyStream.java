package dev.gatehouse.http;

import dev.gatehouse.latency.Snapshot;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Those of one event loop who watch the percentiles: one event a second, encoded once for all. Who
 * has not taken the last one gets none meanwhile, and is hung up on if that takes long.
 */
final class LatencyStream {
  static final int MAX_WATCHERS = 100;
  private static final long LOOK_MILLIS = 250;
  private static final int RETRY_SECONDS = 10;

  private final Vertx vertx;
  private final Supplier<Snapshot> latency;
  private final long stallMillis;
  private final List<Client> clients = new ArrayList<>();
  private @Nullable Snapshot shown;
  private long timer = -1;

  LatencyStream(Vertx vertx, Supplier<Snapshot> latency, long stallMillis) {
    this.vertx = vertx;
    this.latency = latency;
    this.stallMillis = stallMillis;
  }

  private static final class Client {
    final PacedResponse paced;
    final HttpServerResponse response;
    boolean behind;

    Client(PacedResponse paced, HttpServerResponse response) {
      this.paced = paced;
      this.response = response;
    }
  }

  void add(RoutingContext context) {
    if (clients.size() >= MAX_WATCHERS) {
      throw ApiException.retryable(
          429, "latency.watchers", "too many watch already", RETRY_SECONDS);
    }
    HttpServerResponse response = context.response();
    Client client = new Client(new PacedResponse(vertx, context.request(), stallMillis), response);
    context.addEndHandler(gone -> clients.remove(client));
    response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Snapshot now = latency.get();
    if (clients.isEmpty()) {
      shown = now;
    }
    clients.add(client);
    send(client, event(now));
    if (timer < 0) {
      timer = vertx.setPeriodic(LOOK_MILLIS, id -> look());
    }
  }

  @SuppressWarnings("ReferenceEquality") // another sample is another object
  private void look() {
    if (clients.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
      return;
    }
    Snapshot now = latency.get();
    if (now != shown) {
      shown = now;
      Buffer event = event(now);
      List.copyOf(clients).forEach(client -> send(client, event));
    }
  }

  private static Buffer event(Snapshot snapshot) {
    return Buffer.buffer("event: latency\ndata: ")
        .appendBuffer(Replies.latency(snapshot).toBuffer())
        .appendString("\n\n");
  }

  private static void send(Client client, Buffer event) {
    if (client.behind) {
      return;
    }
    client.behind = true;
    client
        .paced
        .write(event)
        .onComplete(taken -> client.behind = false, gone -> client.response.reset());
  }
}
