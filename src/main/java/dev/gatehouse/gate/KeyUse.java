package dev.gatehouse.gate;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.AuditEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * Records which keys are used and which are refused, so sparingly that nobody can flood the log: a
 * key once an hour; refusals counted, one event for the first and then at most one in {@value
 * #WINDOW_SECONDS} s, with at most {@value #MAX_CALLERS} callers named.
 *
 * <p>May be used from any thread; what it does under its lock, of refusals only, is short.
 */
public final class KeyUse {
  static final int WINDOW_SECONDS = 60;
  static final int MAX_CALLERS = 16;
  private static final long USED_MILLIS = 3_600_000;
  private static final int MAX_USED = 100_000;

  private final String node;
  private final Clock clock;
  private final Consumer<AuditEvent> record;
  private final ConcurrentMap<Actor, Long> usedMillis = new ConcurrentHashMap<>();
  private final Map<String, Long> refused = new TreeMap<>();
  private final TreeSet<String> callers = new TreeSet<>();
  private Instant quietUntil = Instant.MIN;

  /**
   * Makes one.
   *
   * @param record takes each event
   */
  KeyUse(String node, Clock clock, Consumer<AuditEvent> record) {
    this.node = node;
    this.clock = clock;
    this.record = record;
  }

  /** A key was used. Hot path: one look into a small map, without a lock. */
  public void used(Actor actor) {
    long now = clock.millis();
    Long last = usedMillis.get(actor);
    if (last != null && now - last < USED_MILLIS) {
      return;
    }
    boolean isFirst =
        last == null
            ? usedMillis.putIfAbsent(actor, now) == null
            : usedMillis.replace(actor, last, now);
    if (isFirst) {
      if (usedMillis.size() > MAX_USED) {
        // Issuers of tokens know any number of actors; each is told of once more.
        usedMillis.clear();
      }
      record.accept(
          AuditEvent.ofKey(clock.instant(), EventKind.KEY_USED, actor, null, new JsonObject()));
    }
  }

  /**
   * A request had no key, a malformed one or one that nobody knows.
   *
   * @param code which of them
   * @param caller address that it came from
   */
  public void refused(String code, String caller) {
    List<AuditEvent> events;
    synchronized (this) {
      refused.merge(code, 1L, Long::sum);
      if (callers.size() < MAX_CALLERS) {
        callers.add(caller);
      }
      events = due();
    }
    events.forEach(record);
  }

  /** Records what was counted and is due; to be called now and then. */
  public void flush() {
    List<AuditEvent> events;
    synchronized (this) {
      events = due();
    }
    events.forEach(record);
  }

  private List<AuditEvent> due() {
    Instant now = clock.instant();
    if (refused.isEmpty() || now.isBefore(quietUntil)) {
      return List.of();
    }
    quietUntil = now.plusSeconds(WINDOW_SECONDS);
    JsonObject counts = new JsonObject();
    refused.forEach(counts::put);
    JsonObject detail =
        new JsonObject()
            .put("refused", counts)
            .put("from", new JsonArray(new ArrayList<>(callers)));
    refused.clear();
    callers.clear();
    return List.of(AuditEvent.ofServer(now, EventKind.KEY_REFUSED, node, null, null, detail));
  }
}
