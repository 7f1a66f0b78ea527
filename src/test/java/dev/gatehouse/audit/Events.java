package dev.gatehouse.audit;

import dev.gatehouse.action.EventKind;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Events for tests, and chains of them as they would be stored. */
final class Events {
  static final ChainStart START =
      new ChainStart(7, "node", Instant.parse("2026-01-02T03:04:05Z"), null, 0, new byte[32]);

  private Events() {}

  static AuditEvent decision(String action, String detail) {
    return of(EventKind.DECISION, action, detail);
  }

  static AuditEvent of(EventKind kind, String action, String detail) {
    return new AuditEvent(
        Instant.parse("2026-01-02T03:04:06.123456Z"),
        kind,
        action,
        null,
        "default",
        "s1",
        "agent",
        "agent",
        "bash",
        "LOW",
        "ALLOW",
        "rule-1",
        "sha256:abc",
        null,
        1234L,
        null,
        detail);
  }

  /** The rows of a chain that was written in one batch. */
  static List<StoredEvent> stored(ChainStart start, List<AuditEvent> events) {
    Chain chain = new Chain(start, Clock.fixed(start.startedAt(), ZoneOffset.UTC));
    chain.tick();
    var hashes = chain.append(events);
    List<StoredEvent> rows = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      rows.add(
          new StoredEvent(
              start.chain(),
              i + 1L,
              chain.recordedAt(),
              HexFormat.of().formatHex(hashes[i].getBytes()),
              events.get(i)));
    }
    return rows;
  }

  static List<StoredEvent> stored(int count) {
    List<AuditEvent> events = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      events.add(decision("action-" + i, "{\"n\":" + i + "}"));
    }
    return stored(START, events);
  }
}
