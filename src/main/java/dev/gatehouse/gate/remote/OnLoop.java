package dev.gatehouse.gate.remote;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/** Work that one event loop does for all who wait for it. */
public final class OnLoop {
  private OnLoop() {}

  /** The same, completing on the loop that calls this, whichever loop it completes on. */
  public static <T> Future<T> here(Vertx vertx, Future<T> elsewhere) {
    if (elsewhere.isComplete()) {
      return elsewhere.succeeded()
          ? Future.succeededFuture(elsewhere.result())
          : Future.failedFuture(elsewhere.cause());
    }
    Context here = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    elsewhere.onComplete(done ->
        here.runOnContext(turn -> {
          if (done.succeeded()) {
            promise.complete(done.result());
          } else {
            promise.fail(done.cause());
          }
        }));
    return promise.future();
  }
}
