package dev.gatehouse.gate;

import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server still takes new work, and how much of what it took is under way. Once begun it
 * does not end. May be used from any thread.
 */
public final class Drain {
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean begun;

  /** Takes nothing new from now on. */
  public void begin() {
    begun = true;
  }

  public boolean hasBegun() {
    return begun;
  }

  /** Requests whose work was taken and has not come to its answer, held ones among them. */
  public int underWay() {
    return underWay.get();
  }

  /** Why nothing new is taken; null while it is. Hot path. */
  @Nullable DrainingException refusal() {
    return begun ? new DrainingException() : null;
  }

  /** Does new work, counted until its future completes; fails with {@link DrainingException}. */
  <T> Future<T> admit(Supplier<Future<T>> work) {
    // Counted first: whoever looks after the beginning sees all that got in.
    underWay.incrementAndGet();
    if (begun) {
      underWay.decrementAndGet();
      return Future.failedFuture(new DrainingException());
    }
    // Composed, so that an exception too is counted as an end.
    return Future.succeededFuture()
        .compose(admitted -> work.get())
        .onComplete(over -> underWay.decrementAndGet());
  }
}
