package dev.gatehouse.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** A reply in pieces to a client who must take each within a time, or is hung up on. */
final class PacedResponse {
  private final Vertx vertx;
  private final HttpServerRequest request;
  private final long millis;

  PacedResponse(Vertx vertx, HttpServerRequest request, long millis) {
    this.vertx = vertx;
    this.request = request;
    this.millis = millis;
  }

  /** Completes when the client has taken it, as far as can be seen from here. */
  Future<Void> write(Buffer piece) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      return Future.failedFuture("the client went away");
    }
    long timer = vertx.setTimer(millis, late -> HangUp.on(request));
    return response.write(piece).onComplete(taken -> vertx.cancelTimer(timer));
  }
}
