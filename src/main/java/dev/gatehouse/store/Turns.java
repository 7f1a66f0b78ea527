package dev.gatehouse.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * Lets a few questions that may take long to the database at once, so that they do not take every
 * connection; the others wait in the order in which they came. May be used from any event loop.
 */
public final class Turns {
  private final Vertx vertx;
  private final int most;
  private final int line;
  private final long waitMillis;

  /** Guards itself and the count. */
  private final ArrayDeque<Promise<Void>> waiting = new ArrayDeque<>();

  private int taken;

  /**
   * Turns.
   *
   * @param most questions at once
   * @param line questions that may wait
   * @param waitMillis how long one may wait
   */
  Turns(Vertx vertx, int most, int line, long waitMillis) {
    this.vertx = vertx;
    this.most = most;
    this.line = line;
    this.waitMillis = waitMillis;
  }

  /** Asks when it is its turn; fails with {@link StoreBusyException} where it was not asked. */
  public <T> Future<T> ask(Supplier<Future<T>> question) {
    return turn().compose(mine -> question.get().onComplete(answered -> next()));
  }

  /** Questions in line now. */
  public int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  private Future<Void> turn() {
    Promise<Void> promise = ((VertxInternal) vertx).getOrCreateContext().promise();
    synchronized (waiting) {
      if (taken < most) {
        taken++;
        promise.complete();
        return promise.future();
      }
      if (waiting.size() >= line) {
        promise.fail(new StoreBusyException("too many slow questions wait for the database"));
        return promise.future();
      }
      waiting.add(promise);
    }
    long timer = vertx.setTimer(waitMillis, id -> giveUp(promise));
    return promise.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private void giveUp(Promise<Void> promise) {
    boolean late;
    synchronized (waiting) {
      late = waiting.remove(promise);
    }
    if (late) {
      promise.fail(new StoreBusyException("the slow questions before took too long"));
    }
  }

  private void next() {
    Promise<Void> promise;
    synchronized (waiting) {
      promise = waiting.poll();
      if (promise == null) {
        taken--;
        return;
      }
    }
    promise.complete();
  }
}
