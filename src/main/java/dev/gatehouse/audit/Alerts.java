package dev.gatehouse.audit;

import dev.gatehouse.action.EventKind;
import dev.gatehouse.config.AuditSettings.Alert;
import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts events that match a rule, and tells by an event of its own when there are many in a short
 * time. Counts are its memory as a receiver, so they survive a restart and go with the work to
 * another server. Holds nothing itself.
 */
final class Alerts implements Receiver {
  /** Its name as a receiver; no configured one has it. */
  static final String SINK = "(alerts)";

  private final List<Alert> alerts;
  private final Database database;
  private final Function<List<AuditEvent>, Future<Void>> record;

  Alerts(List<Alert> alerts, Database database, Function<List<AuditEvent>, Future<Void>> record) {
    this.alerts = List.copyOf(alerts);
    this.database = database;
    this.record = record;
  }

  /** What is remembered of one rule: the events that count, at most as many as it wants. */
  private static final class Watch {
    final Alert alert;
    final ArrayDeque<Instant> seen = new ArrayDeque<>();
    Instant quietUntil = Instant.EPOCH;

    Watch(Alert alert, JsonObject memory) {
      this.alert = alert;
      memory
          .getJsonArray("seen", new JsonArray())
          .forEach(at -> seen.add(CanonicalRow.time(((Number) at).longValue())));
      quietUntil = CanonicalRow.time(memory.getLong("quietUntil", 0L));
    }

    JsonObject memory() {
      JsonArray times = new JsonArray();
      seen.forEach(at -> times.add(CanonicalRow.micros(at)));
      return new JsonObject().put("seen", times).put("quietUntil", CanonicalRow.micros(quietUntil));
    }
  }

  @Override
  public Future<Void> deliver(List<StoredEvent> events) {
    return deliver(events, "").mapEmpty();
  }

  @Override
  public Future<String> deliver(List<StoredEvent> events, String memory) {
    JsonObject before = memory.isEmpty() ? new JsonObject() : new JsonObject(memory);
    JsonObject after = new JsonObject();
    List<AuditEvent> raised = new ArrayList<>();
    for (Alert alert : alerts) {
      Watch watch = new Watch(alert, before.getJsonObject(alert.name(), new JsonObject()));
      for (StoredEvent event : events) {
        if (event.event().kind() != EventKind.ALERT && matches(alert, event.event())) {
          count(watch, event, raised);
        }
      }
      after.put(alert.name(), watch.memory());
    }
    return unrecorded(raised)
        .compose(fresh -> fresh.isEmpty() ? Future.succeededFuture() : record.apply(fresh))
        .map(after.encode());
  }

  /** Those that were not raised by a try that ended before its place was kept. */
  private Future<List<AuditEvent>> unrecorded(List<AuditEvent> raised) {
    if (raised.isEmpty()) {
      return Future.succeededFuture(raised);
    }
    return database
        .pool()
        .preparedQuery(
            "select action, rule from audit_event where action = any($1) and kind = 'alert'")
        .execute(Tuple.of(raised.stream().map(AuditEvent::action).toArray(String[]::new)))
        .map(rows -> {
          Set<List<String>> recorded = new HashSet<>();
          rows.forEach(row -> recorded.add(List.of(row.getString(0), row.getString(1))));
          return raised.stream()
              .filter(alert ->
                  !recorded.contains(
                      List.of(alert.action(), Objects.requireNonNull(alert.rule(), "rule"))))
              .toList();
        });
  }

  private static boolean matches(Alert alert, AuditEvent event) {
    return alert.match().entrySet().stream()
        .allMatch(want -> {
          String found =
              switch (want.getKey()) {
                case "kind" -> event.kind().word();
                case "outcome" -> event.outcome();
                case "risk" -> event.risk();
                case "tool" -> event.tool();
                case "actor" -> event.actor();
                case "rule" -> event.rule();
                case "status" -> event.status();
                case "role" -> event.role();
                case "fast" -> fast(event);
                default -> null;
              };
          return want.getValue().equals(found);
        });
  }

  /** Whether a person answered faster than the action can be read; null where nobody answered. */
  private static @Nullable String fast(AuditEvent event) {
    return event.kind() == EventKind.APPROVAL_DECIDED
        ? String.valueOf(event.detailJson().getValue("fast", false))
        : null;
  }

  private static void count(Watch watch, StoredEvent event, List<AuditEvent> raised) {
    Instant now = event.recordedAt();
    watch.seen.addLast(now);
    while (watch.seen.size() > watch.alert.count()
        || watch.seen.getFirst().isBefore(now.minusSeconds(watch.alert.windowSeconds()))) {
      watch.seen.removeFirst();
    }
    if (watch.seen.size() < watch.alert.count() || now.isBefore(watch.quietUntil)) {
      return;
    }
    watch.quietUntil = now.plusSeconds(watch.alert.cooldownSeconds());
    watch.seen.clear();
    raised.add(
        new AuditEvent(
            Instant.now(),
            EventKind.ALERT,
            event.event().action(),
            null,
            event.event().tenant(),
            event.event().session(),
            event.event().actor(),
            event.event().role(),
            event.event().tool(),
            watch.alert.severity(),
            null,
            watch.alert.name(),
            null,
            null,
            null,
            null,
            new JsonObject()
                .put("count", watch.alert.count())
                .put("windowSeconds", watch.alert.windowSeconds())
                .encode()));
  }
}
