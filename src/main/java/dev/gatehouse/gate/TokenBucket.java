package dev.gatehouse.gate;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Tokens that come at a steady rate and are kept up to a burst, as one number: the time until which
 * all that was taken is paid for (the generic cell rate algorithm of ITU-T I.371).
 *
 * <p>Hot path, without allocation. May be used from any thread: event loops share it by one atomic.
 */
final class TokenBucket {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final double perSecond;

  /** How long one token takes to come; 0 for no limit. */
  private final long tokenNanos;

  private final long burstNanos;
  private final AtomicLong paidUntil;

  /**
   * A full one.
   *
   * @param perSecond tokens; 0 for no limit
   * @param burst most tokens that are kept; 0 for as many as come in a second, one at least
   */
  TokenBucket(double perSecond, int burst, long nowNanos) {
    this.perSecond = perSecond;
    this.tokenNanos = perSecond == 0 ? 0 : Math.max(1, (long) (SECOND_NANOS / perSecond));
    this.burstNanos = Math.max(tokenNanos, burst == 0 ? SECOND_NANOS : burst * tokenNanos);
    this.paidUntil = new AtomicLong(nowNanos);
  }

  /**
   * Takes tokens, if they are there within a time.
   *
   * @param patienceNanos how long the caller would wait for them
   * @return how long he must, 0 or more, in nanoseconds; where nothing was taken less than 0, by
   *     how long he would have to
   */
  long take(int count, long nowNanos, long patienceNanos) {
    if (tokenNanos == 0) {
      return 0;
    }
    while (true) {
      long before = paidUntil.get();
      // A difference, because this clock may overflow.
      long after = (before - nowNanos > 0 ? before : nowNanos) + count * tokenNanos;
      long waitNanos = after - nowNanos - burstNanos;
      if (waitNanos > patienceNanos) {
        return -waitNanos;
      }
      if (paidUntil.compareAndSet(before, after)) {
        return Math.max(0, waitNanos);
      }
    }
  }

  /** Takes tokens whether or not they are there: what is missing is owed. */
  void owe(long count, long nowNanos) {
    if (tokenNanos != 0) {
      long nanos = (long) (count * (SECOND_NANOS / perSecond));
      paidUntil.updateAndGet(before -> (before - nowNanos > 0 ? before : nowNanos) + nanos);
    }
  }

  /** How long it takes until nothing is owed, in nanoseconds; 0 or less where nothing is. */
  long owedNanos(long nowNanos) {
    return tokenNanos == 0 ? 0 : paidUntil.get() - nowNanos - burstNanos;
  }

  /** Whether nothing that was taken is missing any more: a new one would be the same. */
  boolean isFull(long nowNanos) {
    return paidUntil.get() - nowNanos <= 0;
  }

  /** Gives back what was taken. */
  void give(int count) {
    paidUntil.addAndGet(-count * tokenNanos);
  }
}
