package dev.gatehouse.gate;

import dev.gatehouse.sandbox.Claim;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The background executions that run, and those that ended a while ago; the log has them all. What
 * ended is kept tenant by tenant, so that nobody's take the place of another's. May be used from
 * any thread.
 */
public final class BackgroundExecutions {
  /** How long an ended one is remembered. */
  static final Duration KEPT = Duration.ofMinutes(10);

  /** Ended ones of a tenant that are remembered, and the bytes of output they may keep together. */
  static final int MAX_KEPT = 1024;

  static final long MAX_KEPT_BYTES = 64L << 20;

  /** What ended of one tenant, the oldest first. */
  private static final class Ended {
    private final Map<String, BackgroundExecution> byId = new LinkedHashMap<>();
    private long bytes;

    void add(BackgroundExecution execution) {
      byId.put(execution.id(), execution);
      bytes += execution.outputBytes();
    }

    /** The newest stays, however much it said. */
    void forget(Instant oldest) {
      Iterator<BackgroundExecution> each = byId.values().iterator();
      while (each.hasNext()) {
        BackgroundExecution next = each.next();
        Instant end = next.endedAt();
        boolean tooMany = byId.size() > MAX_KEPT || (byId.size() > 1 && bytes > MAX_KEPT_BYTES);
        if (!tooMany && (end == null || end.isAfter(oldest))) {
          return;
        }
        each.remove();
        bytes -= next.outputBytes();
      }
    }
  }

  private final Clock clock;
  private final Map<String, BackgroundExecution> running = new LinkedHashMap<>();
  private final Map<String, Ended> ended = new HashMap<>();

  public BackgroundExecutions(Clock clock) {
    this.clock = clock;
  }

  synchronized void add(BackgroundExecution execution) {
    running.put(execution.id(), execution);
  }

  /** Moves it to those that are forgotten after a while, the oldest first. */
  synchronized void ended(BackgroundExecution execution) {
    if (running.remove(execution.id()) != null) {
      ended.computeIfAbsent(execution.tenant(), tenant -> new Ended()).add(execution);
      forget();
    }
  }

  synchronized Optional<BackgroundExecution> find(String id, Claim claim) {
    forget();
    BackgroundExecution execution = running.get(id);
    Ended ofTenant = ended.get(claim.tenant());
    if (execution == null && ofTenant != null) {
      execution = ofTenant.byId.get(id);
    }
    return Optional.ofNullable(execution).filter(found -> found.isFor(claim));
  }

  private void forget() {
    Instant oldest = clock.instant().minus(KEPT);
    ended.values().forEach(ofTenant -> ofTenant.forget(oldest));
    ended.values().removeIf(ofTenant -> ofTenant.byId.isEmpty());
  }
}
