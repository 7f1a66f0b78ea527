package dev.gatehouse.gate;

import java.util.concurrent.atomic.AtomicInteger;

/** How many executions may be under way at once. May be used from any thread. */
public final class ExecutionPlaces {
  private final int limit;
  private final int previewLimit;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger previews = new AtomicInteger();

  public ExecutionPlaces(int limit) {
    this.limit = limit;
    this.previewLimit = Math.max(1, limit / 4);
  }

  /** Takes a place if one is free; whoever took it calls {@link #leave()} once. */
  boolean tryEnter() {
    if (taken.incrementAndGet() <= limit) {
      return true;
    }
    taken.decrementAndGet();
    return false;
  }

  /**
   * As {@link #tryEnter}, for a preview: of those a quarter of the limit at once, one at least, so
   * that executions find room beside them. Whoever took it calls {@link #leavePreview()} once.
   */
  boolean tryEnterPreview() {
    if (previews.incrementAndGet() <= previewLimit) {
      if (tryEnter()) {
        return true;
      }
    }
    previews.decrementAndGet();
    return false;
  }

  void leavePreview() {
    leave();
    previews.decrementAndGet();
  }

  int previewLimit() {
    return previewLimit;
  }

  void leave() {
    taken.decrementAndGet();
  }

  int limit() {
    return limit;
  }

  /** Executions under way now. */
  public int taken() {
    return taken.get();
  }
}
