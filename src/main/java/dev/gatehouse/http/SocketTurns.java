package dev.gatehouse.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What one client asks that is answered from what is known: a few at once, in their order, and none
 * while the client does not take what it is sent. So replies that nobody reads are not made. What
 * waits is bounded by what may be under way on the connection. Confined to its event loop.
 */
final class SocketTurns {
  /** More than the database reads at once. */
  static final int MOST = 8;

  private final Context loop;
  private final BooleanSupplier isFull;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int underWay;

  /**
   * @param isFull whether the client should take something before there is more
   */
  SocketTurns(Context loop, BooleanSupplier isFull) {
    this.loop = loop;
    this.isFull = isFull;
  }

  /** Does it when its turn comes; what it throws is a failure. */
  <T> Future<T> take(Supplier<Future<T>> work) {
    Promise<T> done = Promise.promise();
    waiting.add(() -> {
      underWay++;
      Future.succeededFuture()
          .compose(started -> work.get())
          .onComplete(over -> {
            underWay--;
            // Once its reply is on its way, which may be more than the client takes.
            loop.runOnContext(turn -> goOn());
          })
          .onComplete(done);
    });
    goOn();
    return done.future();
  }

  /** To be called when the client has taken what it was sent. */
  void goOn() {
    while (underWay < MOST && !waiting.isEmpty() && !isFull.getAsBoolean()) {
      waiting.remove().run();
    }
  }

  /** The client is gone: nobody hears what has not begun. */
  void clear() {
    waiting.clear();
  }
}
