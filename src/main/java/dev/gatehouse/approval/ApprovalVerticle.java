package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what no request asks for, once a second, on its own event loop. */
final class ApprovalVerticle extends VerticleBase {
  private static final Logger LOGGER = LoggerFactory.getLogger(ApprovalVerticle.class);
  private static final long TURN_MILLIS = 1000;

  private final Supplier<Future<Void>> turn;
  private boolean away;
  private boolean stopped;

  ApprovalVerticle(Supplier<Future<Void>> turn) {
    this.turn = turn;
  }

  @Override
  public Future<?> start() {
    turnAgain();
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    return Future.succeededFuture();
  }

  private void turnAgain() {
    if (!stopped) {
      vertx.setTimer(TURN_MILLIS, id -> turn());
    }
  }

  private void turn() {
    turn.get()
        .onComplete(
            done -> {
              away = false;
              turnAgain();
            },
            failure -> {
              if (!away && !stopped) {
                LOGGER.warn("approvals cannot be looked after now: {}", failure.getMessage());
              }
              away = true;
              turnAgain();
            });
  }
}
