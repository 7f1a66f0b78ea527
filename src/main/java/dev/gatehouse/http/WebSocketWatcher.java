package dev.gatehouse.http;

import dev.gatehouse.audit.Ahead;
import dev.gatehouse.audit.Cursor;
import dev.gatehouse.audit.EventFormat;
import dev.gatehouse.gate.Key;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * By WebSocket: a text message {@code {"place"}} where it begins, then one {@code {"place",
 * "event"}} for each event. What the client sends is thrown away.
 */
final class WebSocketWatcher implements Watcher {
  private static final short TRY_AGAIN_LATER = 1013;

  /** A client that reads on within this time sees why it ends. */
  private static final long GOODBYE_MILLIS = 5_000;

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final ServerWebSocket socket;

  /**
   * @param request what became the socket
   */
  WebSocketWatcher(Vertx vertx, HttpServerRequest request, ServerWebSocket socket) {
    this.vertx = vertx;
    this.request = request;
    this.socket = socket;
  }

  @Override
  public Future<Void> begin(Cursor at) {
    return socket.writeTextMessage(new JsonObject().put("place", at.toString()).encode());
  }

  @Override
  public Future<Void> show(List<Ahead.Seen> events) {
    Future<Void> last = Future.succeededFuture();
    for (Ahead.Seen seen : events) {
      // The connection keeps their order: the last is taken when all are.
      last =
          socket.writeTextMessage(
              "{\"place\":\""
                  + seen.place()
                  + "\",\"event\":"
                  + EventFormat.NDJSON.line(seen.event()).stripTrailing()
                  + "}");
    }
    return last;
  }

  @Override
  public Future<Void> beat() {
    return socket.writePing(Buffer.buffer());
  }

  @Override
  public boolean isGone() {
    return socket.isClosed();
  }

  /** The end comes behind what the client has not taken, and so not to one that reads nothing. */
  @Override
  public void drop() {
    close(TRY_AGAIN_LATER, "go on from your place");
  }

  /** Ends it because the key that it was opened with was removed, or has expired. */
  void revoke(Key removed) {
    SocketClose why = SocketClose.of(removed);
    close(why.code(), why.reason());
  }

  private void close(short code, String reason) {
    socket.close(code, reason);
    vertx.setTimer(GOODBYE_MILLIS, late -> HangUp.on(request));
  }
}
