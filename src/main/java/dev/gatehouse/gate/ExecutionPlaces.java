package dev.gatehouse.gate;

import java.util.concurrent.atomic.AtomicInteger;

/** How many executions may be under way at once. May be used from any thread. */
public final class ExecutionPlaces {
  private final int limit;
  private final AtomicInteger taken = new AtomicInteger();

  public ExecutionPlaces(int limit) {
    this.limit = limit;
  }

  /** Takes a place if one is free; whoever took it calls {@link #leave()} once. */
  boolean tryEnter() {
    if (taken.incrementAndGet() <= limit) {
      return true;
    }
    taken.decrementAndGet();
    return false;
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
