package dev.gatehouse.gate;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many executions may be under way at once, fair between tenants: who is alone may have every
 * place; where several ask, each may have its share, and more of what the others leave. What runs
 * goes on; a place that comes free goes to who has less than its share. May be used from any
 * thread.
 */
public final class ExecutionPlaces {
  /** For so long a place is kept for a tenant that asked and has less than its share. */
  static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final class Tenant {
    private int taken;
    private long askedNanos;
  }

  private final int limit;
  private final int previewLimit;
  private final LongSupplier clock;
  private final Map<String, Tenant> tenants = new HashMap<>();
  private int taken;
  private int previews;

  public ExecutionPlaces(int limit) {
    this(limit, System::nanoTime);
  }

  /**
   * As for everybody.
   *
   * @param clock nanoseconds that never go back
   */
  ExecutionPlaces(int limit, LongSupplier clock) {
    this.limit = limit;
    this.previewLimit = Math.max(1, limit / 4);
    this.clock = clock;
  }

  /** Takes a place if one is free for that tenant; who took it calls {@link #leave} once. */
  synchronized boolean tryEnter(String name) {
    long now = clock.getAsLong();
    tenants.values().removeIf(one -> one.taken == 0 && now - one.askedNanos > KEPT_NANOS);
    Tenant tenant = tenants.computeIfAbsent(name, first -> new Tenant());
    tenant.askedNanos = now;
    if (taken + keptFor(tenant, now) >= limit) {
      return false;
    }
    tenant.taken++;
    taken++;
    return true;
  }

  /**
   * As {@link #tryEnter}, for a preview: of those a quarter of the limit at once, one at least, so
   * that executions find room beside them. Whoever took it calls {@link #leavePreview} once.
   */
  synchronized boolean tryEnterPreview(String name) {
    if (previews >= previewLimit || !tryEnter(name)) {
      return false;
    }
    previews++;
    return true;
  }

  synchronized void leavePreview(String name) {
    leave(name);
    previews--;
  }

  int previewLimit() {
    return previewLimit;
  }

  /** Places that others have asked for, below their share; none where one asks below its own. */
  private int keptFor(Tenant asking, long now) {
    int share = Math.max(1, limit / tenants.size());
    if (asking.taken < share) {
      return 0;
    }
    int kept = 0;
    for (Tenant other : tenants.values()) {
      if (other != asking && now - other.askedNanos <= KEPT_NANOS) {
        kept += Math.max(0, share - other.taken);
      }
    }
    return kept;
  }

  synchronized void leave(String name) {
    Tenant tenant = tenants.get(name);
    if (tenant != null && tenant.taken > 0) {
      tenant.taken--;
      taken--;
    }
  }

  int limit() {
    return limit;
  }

  /** Executions under way now. */
  public synchronized int taken() {
    return taken;
  }
}
