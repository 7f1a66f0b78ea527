package dev.gatehouse.gate;

import dev.gatehouse.sandbox.Claim;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The background executions that run, and those that ended a while ago; the log has them all. May
 * be used from any thread.
 */
public final class BackgroundExecutions {
  /** How long an ended one is remembered. */
  static final Duration KEPT = Duration.ofMinutes(10);

  /** Ended ones that are remembered, and the bytes of output they may keep together. */
  static final int MAX_KEPT = 1024;

  static final long MAX_KEPT_BYTES = 64L << 20;

  private final Clock clock;
  private final Map<String, BackgroundExecution> running = new LinkedHashMap<>();
  private final Map<String, BackgroundExecution> ended = new LinkedHashMap<>();
  private long endedBytes;

  public BackgroundExecutions(Clock clock) {
    this.clock = clock;
  }

  synchronized void add(BackgroundExecution execution) {
    running.put(execution.id(), execution);
  }

  /** Moves it to those that are forgotten after a while, the oldest first. */
  synchronized void ended(BackgroundExecution execution) {
    if (running.remove(execution.id()) != null) {
      ended.put(execution.id(), execution);
      endedBytes += execution.weight();
      forget();
    }
  }

  synchronized Optional<BackgroundExecution> find(String id, Claim claim) {
    forget();
    BackgroundExecution execution = running.getOrDefault(id, ended.get(id));
    return Optional.ofNullable(execution).filter(found -> found.isFor(claim));
  }

  private void forget() {
    Instant oldest = clock.instant().minus(KEPT);
    Iterator<BackgroundExecution> each = ended.values().iterator();
    while (each.hasNext()) {
      BackgroundExecution next = each.next();
      Instant end = next.endedAt();
      if (ended.size() <= MAX_KEPT
          && endedBytes <= MAX_KEPT_BYTES
          && (end == null || end.isAfter(oldest))) {
        return;
      }
      each.remove();
      endedBytes -= next.weight();
    }
  }
}
