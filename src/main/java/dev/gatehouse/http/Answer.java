package dev.gatehouse.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;
import java.util.function.Supplier;

/** Writes what a route came to. */
final class Answer {
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  /** A reply's status and body. */
  record Reply(int status, JsonObject body) {}

  private Answer() {}

  /** Runs a route, and answers with its reply or with its failure's problem. */
  static void with(RoutingContext context, Supplier<Future<Reply>> route) {
    Future<Reply> reply;
    try {
      reply = route.get();
    } catch (ApiException e) {
      reply = Future.failedFuture(e);
    }
    reply
        .compose(done -> Idempotency.keep(context, done))
        .onComplete(done -> send(context, done.status(), done.body()), context::fail);
  }

  /** A 200 of what the future comes to. */
  static <T> Future<Reply> ok(Future<T> future, Function<T, JsonObject> body) {
    return future.map(value -> new Reply(200, body.apply(value)));
  }

  static void send(RoutingContext context, int status, JsonObject body) {
    HttpServerResponse response = context.response();
    // The body's deadline may have been faster.
    if (response.closed() || response.ended()) {
      return;
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, body.containsKey("code") ? Problem.CONTENT_TYPE : JSON)
        .end(body.toBuffer());
  }
}
