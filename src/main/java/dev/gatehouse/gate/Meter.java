package dev.gatehouse.gate;

import dev.gatehouse.config.LimitSettings.Allowance;
import java.util.concurrent.atomic.AtomicInteger;

/** What one key, or one tenant, has used of its allowance. May be used from any thread. */
final class Meter {
  private final TokenBucket decisions;
  private final TokenBucket executions;
  private final TokenBucket requests;
  private final TokenBucket bytes;
  private final int mostRunning;
  private final AtomicInteger running = new AtomicInteger();

  Meter(Allowance allowance, long nowNanos) {
    this.decisions =
        new TokenBucket(allowance.decisionsPerSecond(), allowance.decisionsBurst(), nowNanos);
    this.executions =
        new TokenBucket(allowance.executionsPerSecond(), allowance.executionsBurst(), nowNanos);
    this.requests =
        new TokenBucket(allowance.requestsPerSecond(), allowance.requestsBurst(), nowNanos);
    this.bytes = new TokenBucket(allowance.bytesPerSecond(), allowance.bytesBurst(), nowNanos);
    this.mostRunning = allowance.executions() == 0 ? Integer.MAX_VALUE : allowance.executions();
  }

  TokenBucket decisions() {
    return decisions;
  }

  TokenBucket executions() {
    return executions;
  }

  TokenBucket requests() {
    return requests;
  }

  TokenBucket bytes() {
    return bytes;
  }

  boolean isFull() {
    return running.get() >= mostRunning;
  }

  /** Counts one more that runs, unless as many do as may. */
  boolean tryEnter() {
    if (running.incrementAndGet() <= mostRunning) {
      return true;
    }
    running.decrementAndGet();
    return false;
  }

  /** As often as it was entered; one that was forgotten meanwhile was not. */
  void leave() {
    running.updateAndGet(now -> Math.max(0, now - 1));
  }

  /** Whether a new one would be the same. */
  boolean isUnused(long nowNanos) {
    return running.get() == 0
        && decisions.isFull(nowNanos)
        && executions.isFull(nowNanos)
        && requests.isFull(nowNanos)
        && bytes.isFull(nowNanos);
  }
}
