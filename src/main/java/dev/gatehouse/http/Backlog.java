package dev.gatehouse.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Answers a client no faster than it reads. A request of one that takes nothing of what it is sent
 * waits, and with it whatever the client sent behind it; one that takes nothing for long is hung up
 * on. So who asks on and on without reading holds one buffer's memory.
 */
final class Backlog implements Handler<HttpServerRequest> {
  private final Vertx vertx;
  private final long stallMillis;
  private final Handler<HttpServerRequest> next;

  Backlog(Vertx vertx, long stallMillis, Handler<HttpServerRequest> next) {
    this.vertx = vertx;
    this.stallMillis = stallMillis;
    this.next = next;
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if (!response.writeQueueFull()) {
      next.handle(request);
      return;
    }
    // Whoever reads the body resumes.
    request.pause();
    long timer = vertx.setTimer(stallMillis, late -> HangUp.on(request));
    response.drainHandler(drained -> {
      response.drainHandler(null);
      vertx.cancelTimer(timer);
      next.handle(request);
    });
  }
}
