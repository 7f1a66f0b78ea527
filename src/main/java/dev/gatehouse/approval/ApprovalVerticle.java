package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Expires due questions, once a second, on its own event loop. */
final class ApprovalVerticle extends VerticleBase {
  private static final Logger LOGGER = LoggerFactory.getLogger(ApprovalVerticle.class);
  private static final long SWEEP_MILLIS = 1000;

  private final Supplier<Future<List<Approval>>> expireDue;
  private final Consumer<Approval> onExpired;
  private boolean away;
  private boolean stopped;

  ApprovalVerticle(Supplier<Future<List<Approval>>> expireDue, Consumer<Approval> onExpired) {
    this.expireDue = expireDue;
    this.onExpired = onExpired;
  }

  @Override
  public Future<?> start() {
    sweepAgain();
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    return Future.succeededFuture();
  }

  private void sweepAgain() {
    if (!stopped) {
      vertx.setTimer(SWEEP_MILLIS, id -> sweep());
    }
  }

  private void sweep() {
    expireDue
        .get()
        .onComplete(
            expired -> {
              away = false;
              expired.forEach(onExpired);
              sweepAgain();
            },
            failure -> {
              if (!away && !stopped) {
                LOGGER.warn("approvals cannot be expired now: {}", failure.getMessage());
              }
              away = true;
              sweepAgain();
            });
  }
}
