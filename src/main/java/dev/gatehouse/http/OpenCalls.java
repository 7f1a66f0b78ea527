package dev.gatehouse.http;

import dev.gatehouse.gate.Key;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;

/**
 * What requests keep open for long, and what becomes of it when their key is removed. Each is to be
 * called on the request's event loop, where the end comes, too.
 */
final class OpenCalls {
  /** A client that reads on within this time sees why it ends. */
  private static final long GOODBYE_MILLIS = 500;

  private OpenCalls() {}

  /**
   * Has something done when the request's key is removed, unless the request is over by then.
   *
   * @param end may be called more than once
   */
  static void endWithKey(RoutingContext context, Runnable end) {
    Key key = Authentication.key(context);
    HttpServerResponse response = context.response();
    Runnable ending =
        onLoop(
            context,
            () -> {
              if (!response.ended() && !response.closed()) {
                end.run();
              }
            });
    context.addEndHandler(over -> key.closed(ending));
    key.opened(ending);
  }

  /** Ends server-sent events by one of type {@code problem}; a client that does not read is cut. */
  static void endEventsWithKey(RoutingContext context) {
    HttpServerResponse response = context.response();
    endWithKey(
        context,
        () -> {
          ApiException removed = removed(Authentication.key(context));
          if (!response.headWritten()) {
            context.fail(removed);
            return;
          }
          String problem = Problem.body(removed).encode();
          long timer =
              context.vertx().setTimer(GOODBYE_MILLIS, late -> HangUp.on(context.request()));
          response
              .end("event: problem\ndata: " + problem + "\n\n")
              .onComplete(sent -> context.vertx().cancelTimer(timer));
        });
  }

  /** Cuts a reply off in the middle. */
  static void cutWithKey(RoutingContext context) {
    endWithKey(context, () -> HangUp.on(context.request()));
  }

  /** Ends a WebSocket that a request became. */
  static void endWithKey(RoutingContext context, ServerWebSocket socket, Runnable end) {
    Key key = Authentication.key(context);
    Runnable ending =
        onLoop(
            context,
            () -> {
              if (!socket.isClosed()) {
                end.run();
              }
            });
    socket.closeHandler(over -> key.closed(ending));
    key.opened(ending);
  }

  private static Runnable onLoop(RoutingContext context, Runnable work) {
    Context loop = context.vertx().getOrCreateContext();
    return () -> loop.runOnContext(turn -> work.run());
  }

  /** What a request is told whose key was removed, or whose token expired, meanwhile. */
  private static ApiException removed(Key key) {
    return key.isExpired()
        ? ApiException.of(401, "token.expired", "the token has expired")
        : ApiException.of(401, "key.removed", "the key was removed");
  }
}
