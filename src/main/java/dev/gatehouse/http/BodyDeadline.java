package dev.gatehouse.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

/** Refuses a body that takes too long to arrive, however steadily it trickles. */
final class BodyDeadline implements Handler<RoutingContext> {
  private static final String ARRIVING = "arriving";

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
                        RequestId.of(context));
                    context.request().connection().close();
                  }
                });
    context.addEndHandler(ended -> context.vertx().cancelTimer(timer));
    context.put(ARRIVING, true);
    context.next();
  }

  /** Stands behind whoever reads the body. */
  static void arrived(RoutingContext context) {
    context.remove(ARRIVING);
    context.next();
  }

  /** Whether the body has yet to come whole. */
  static boolean isArriving(RoutingContext context) {
    return context.get(ARRIVING) != null;
  }
}
