package dev.gatehouse.audit;

import dev.gatehouse.config.Configuration.Alert;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Counts events that match a rule, and tells by an event of its own when there are many in a short
 * time. Counts live in memory: after a restart a window begins anew. Confined to its sender's loop.
 */
final class Alerts implements Receiver {
  private static final class Watch {
    final Alert alert;
    final ArrayDeque<Instant> seen = new ArrayDeque<>();
    Instant quietUntil = Instant.EPOCH;

    Watch(Alert alert) {
      this.alert = alert;
    }
  }

  private final List<Watch> watches;
  private final Function<List<AuditEvent>, Future<Void>> record;

  Alerts(List<Alert> alerts, Function<List<AuditEvent>, Future<Void>> record) {
    this.watches = alerts.stream().map(Watch::new).toList();
    this.record = record;
  }

  @Override
  public Future<Void> deliver(List<StoredEvent> events) {
    List<AuditEvent> raised = new ArrayList<>();
    for (StoredEvent event : events) {
      for (Watch watch : watches) {
        if (event.event().kind() != EventKind.ALERT && matches(watch.alert, event.event())) {
          count(watch, event, raised);
        }
      }
    }
    return raised.isEmpty() ? Future.succeededFuture() : record.apply(raised);
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
                default -> null;
              };
          return want.getValue().equals(found);
        });
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
