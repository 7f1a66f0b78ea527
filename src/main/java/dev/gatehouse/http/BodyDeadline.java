package dev.gatehouse.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

/** Refuses a body that takes too long to arrive, however steadily it trickles. */
final class BodyDeadline implements Handler<RoutingContext> {
  private final long millis;

  BodyDeadline(long millis) {
    this.millis = millis;
  }

  @Override
  public void handle(RoutingContext context) {
    if (context.request().isEnded()) {
      context.next();
      return;
    }
    long timer =
        context
            .vertx()
            .setTimer(
                millis,
                id -> {
                  if (!context.request().isEnded()) {
                    context.response().putHeader("Connection", "close");
                    Problem.send(
                        context.response(),
                        ApiException.of(
                            408, "body.too-slow", "the body took longer than " + millis + " ms"),
                        context.get(RequestId.HEADER, "-"));
                    context.request().connection().close();
                  }
                });
    context.addEndHandler(ended -> context.vertx().cancelTimer(timer));
    context.next();
  }
}
