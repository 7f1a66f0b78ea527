package dev.gatehouse.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
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
                    HangUp.announce(context.request());
                    Problem.send(
                        context.response(),
                        ApiException.of(
                            408, "body.too-slow", "the body took longer than " + millis + " ms"),
                        RequestId.of(context));
                    HangUp.behindAnswer(context.request());
                  }
                });
    context.addEndHandler(ended -> context.vertx().cancelTimer(timer));
    context.put(ARRIVING, true);
    context.next();
  }

  /**
   * What was answered before its body had come may take as long for the rest, which nobody reads;
   * to be called at the end of the answer.
   */
  static void linger(RoutingContext context, long millis) {
    HttpServerRequest request = context.request();
    if (!request.isEnded() && !context.response().closed()) {
      context
          .vertx()
          .setTimer(
              millis,
              late -> {
                if (!request.isEnded()) {
                  HangUp.behindAnswer(request);
                }
              });
    }
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
