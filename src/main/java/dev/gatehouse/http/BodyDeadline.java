package dev.gatehouse.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Refuses a body that takes too long to arrive, however steadily it trickles. One look at the clock
 * now and then for all that arrive: a timer for each would cost a small request more than its
 * reading. Confined to one event loop.
 */
final class BodyDeadline implements Handler<RoutingContext> {
  private static final String ARRIVING = "arriving";

  /** How often, in the time that a body has, all are looked at. */
  private static final int LOOKS = 20;

  private final long millis;

  /** Since when each arrives, by {@link System#nanoTime}; the oldest first. */
  private final Map<RoutingContext, Long> arriving = new LinkedHashMap<>();

  BodyDeadline(Vertx vertx, long millis) {
    this.millis = millis;
    vertx.setPeriodic(Math.max(1, millis / LOOKS), timer -> look(System.nanoTime()));
  }

  @Override
  public void handle(RoutingContext context) {
    if (!context.request().isEnded()) {
      context.put(ARRIVING, true);
      arriving.put(context, System.nanoTime());
      context.addEndHandler(ended -> arriving.remove(context));
    }
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
  void arrived(RoutingContext context) {
    context.remove(ARRIVING);
    arriving.remove(context);
    context.next();
  }

  /** Whether the body has yet to come whole. */
  static boolean isArriving(RoutingContext context) {
    return context.get(ARRIVING) != null;
  }

  private void look(long nowNanos) {
    List<RoutingContext> late = new ArrayList<>();
    Iterator<Map.Entry<RoutingContext, Long>> oldest = arriving.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<RoutingContext, Long> next = oldest.next();
      if (nowNanos - next.getValue() < millis * 1_000_000) {
        break;
      }
      late.add(next.getKey());
      oldest.remove();
    }
    late.forEach(this::refuse);
  }

  private void refuse(RoutingContext context) {
    if (context.request().isEnded() || context.response().ended()) {
      return;
    }
    HangUp.announce(context.request());
    Problem.send(
        context.response(),
        ApiException.of(408, "body.too-slow", "the body took longer than " + millis + " ms"),
        RequestId.of(context));
    HangUp.behindAnswer(context.request());
  }
}
