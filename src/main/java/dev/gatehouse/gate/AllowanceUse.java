package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.gate.AllowanceException.Of;
import dev.gatehouse.gate.AllowanceException.Scope;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Records who is refused for asking too much, counted: of each key, and of what it is refused, one
 * event for the first and then at most one in {@value #WINDOW_SECONDS} s. There are as many counts
 * as keys were refused in that time, times few. May be used from any thread; what it does under its
 * lock is short.
 */
public final class AllowanceUse {
  static final int WINDOW_SECONDS = 60;

  private record Which(Actor actor, Of of, Scope scope) {}

  private static final class Count {
    long refused;
    Instant quietUntil = Instant.MIN;
  }

  private final Clock clock;
  private final Consumer<AuditEvent> record;
  private final Map<Which, Count> counts = new HashMap<>();

  /**
   * Makes one.
   *
   * @param record takes each event
   */
  AllowanceUse(Clock clock, Consumer<AuditEvent> record) {
    this.clock = clock;
    this.record = record;
  }

  void refused(Actor actor, Of of, Scope scope) {
    Which which = new Which(actor, of, scope);
    Optional<AuditEvent> due;
    synchronized (this) {
      Count count = counts.computeIfAbsent(which, first -> new Count());
      count.refused++;
      due = due(which, count);
    }
    due.ifPresent(record);
  }

  /** Records what was counted and is due; to be called now and then. */
  public void flush() {
    List<AuditEvent> due = new ArrayList<>();
    synchronized (this) {
      counts.forEach((which, count) -> due(which, count).ifPresent(due::add));
      Instant now = clock.instant();
      counts.values().removeIf(count -> count.refused == 0 && !now.isBefore(count.quietUntil));
    }
    due.forEach(record);
  }

  private Optional<AuditEvent> due(Which which, Count count) {
    Instant now = clock.instant();
    if (count.refused == 0 || now.isBefore(count.quietUntil)) {
      return Optional.empty();
    }
    count.quietUntil = now.plusSeconds(WINDOW_SECONDS);
    JsonObject detail =
        new JsonObject()
            .put("of", which.of().word())
            .put("scope", which.scope().word())
            .put("refused", count.refused);
    count.refused = 0;
    return Optional.of(
        AuditEvent.ofKey(now, EventKind.LIMIT_EXCEEDED, which.actor(), which.of().code(), detail));
  }
}
