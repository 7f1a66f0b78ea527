package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.config.SandboxSettings.Warm;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sandboxes of one profile that stand ready, all of the same blueprint. Each is handed out
 * once. Confined to the sandbox loop.
 */
final class Pool {
  /** Started at once for the pools, where nobody waits and nothing runs. */
  static final int FILLING_AT_ONCE = 2;

  private static final long FIRST_RETRY_MILLIS = 500;
  private static final long LAST_RETRY_MILLIS = 15_000;

  /** After so long without a miss one less stands ready, down to the target. */
  private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Deque<LiveSandbox> ready = new ArrayDeque<>();
  private final LongSupplier nanoClock;
  private Blueprint blueprint;
  private int size;
  private int filling;
  private long hits;
  private long misses;
  private long waits;
  private long waitedNanos;
  private long longestWaitNanos;
  private long unrestNanos;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private boolean retryPlanned;

  /**
   * @param nanoClock as {@link System#nanoTime()}
   */
  Pool(Blueprint blueprint, LongSupplier nanoClock) {
    this.blueprint = blueprint;
    this.nanoClock = nanoClock;
    this.unrestNanos = nanoClock.getAsLong();
    this.size = blueprint.profile().warm().target();
  }

  Blueprint blueprint() {
    return blueprint;
  }

  Profile profile() {
    return blueprint.profile();
  }

  private Warm warm() {
    return profile().warm();
  }

  int ready() {
    return ready.size();
  }

  int filling() {
    return filling;
  }

  /** Hands one out that lives; null if none stands ready. Hot: nobody is asked for anything. */
  @Nullable LiveSandbox take() {
    LiveSandbox sandbox = ready.poll();
    while (sandbox != null && !sandbox.alive()) {
      sandbox = ready.poll();
    }
    if (sandbox != null) {
      hits++;
    }
    return sandbox;
  }

  /** A caller found none: from now on one more stands ready, as far as is allowed. */
  void missed() {
    misses++;
    size = Math.min(size + 1, Math.max(warm().maximum(), warm().target()));
    unrestNanos = nanoClock.getAsLong();
  }

  /** A caller who missed was served: only now is it calm. */
  void served(long afterNanos) {
    unrestNanos = nanoClock.getAsLong();
    waits++;
    waitedNanos += afterNanos;
    longestWaitNanos = Math.max(longestWaitNanos, afterNanos);
  }

  /** Lets the size sink back to the target; gives one that is too many, to be ended. */
  @Nullable LiveSandbox surplus() {
    if (size > warm().target() && nanoClock.getAsLong() - unrestNanos > CALM_NANOS) {
      size--;
      unrestNanos = nanoClock.getAsLong();
    }
    return ready.size() > size ? ready.peekLast() : null;
  }

  /**
   * Whether one more should be started for it.
   *
   * @param quiet whether none was handed out for a while
   */
  boolean wantsMore(boolean quiet) {
    return !retryPlanned
        && ready.size() + filling < size
        && (ready.size() < warm().minimum() || quiet);
  }

  /**
   * How many may be started at once where nobody waits: a start takes the processor from what runs,
   * so above the minimum they yield to it.
   *
   * @param working whether code runs in somebody's sandbox
   */
  int startsAtOnce(boolean working) {
    return working && ready.size() >= warm().minimum() ? 1 : FILLING_AT_ONCE;
  }

  void starting() {
    filling++;
  }

  /** A start is over. */
  void started() {
    filling--;
    retryMillis = FIRST_RETRY_MILLIS;
  }

  void failedToStart() {
    filling--;
  }

  void add(LiveSandbox sandbox) {
    ready.add(sandbox);
  }

  void forget(LiveSandbox sandbox) {
    ready.remove(sandbox);
  }

  List<LiveSandbox> standingReady() {
    return List.copyOf(ready);
  }

  /** From now on sandboxes are made otherwise; gives those of before, to be ended. */
  List<LiveSandbox> rebuild(Blueprint other) {
    List<LiveSandbox> old = List.copyOf(ready);
    ready.clear();
    blueprint = other;
    return old;
  }

  /** How long to wait before the next try, in milliseconds; 0 if it is planned already. */
  long planRetry() {
    if (retryPlanned) {
      return 0;
    }
    retryPlanned = true;
    long millis = retryMillis;
    retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
    return millis;
  }

  void retry() {
    retryPlanned = false;
  }

  PoolGauges.OfPool gauges(int waiting) {
    return new PoolGauges.OfPool(
        profile().name(),
        profile().image(),
        blueprint.imageId(),
        size,
        ready.size(),
        filling,
        waiting,
        hits,
        misses,
        waits,
        waitedNanos,
        TimeUnit.NANOSECONDS.toMicros(longestWaitNanos));
  }

  long hits() {
    return hits;
  }

  long misses() {
    return misses;
  }
}
