package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Role;
import dev.gatehouse.audit.AuditEvent;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyUseTest {
  private static final class SetClock extends Clock {
    Instant now = Instant.parse("2026-01-02T03:04:05Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private final SetClock clock = new SetClock();
  private final List<AuditEvent> events = new ArrayList<>();
  private final KeyUse use = new KeyUse("node", clock, events::add);

  @Test
  void aMillionRefusalsAreTwoEvents() {
    // When
    for (int i = 0; i < 1_000_000; i++) {
      use.refused("key.unknown", "10.0." + i % 200 + ".1");
    }
    clock.now = clock.now.plusSeconds(KeyUse.WINDOW_SECONDS);
    use.flush();
    use.flush();

    // Then
    assertEquals(2, events.size());
    assertTrue(events.stream().allMatch(event -> event.kind() == EventKind.KEY_REFUSED));
    assertEquals(1, refused(events.get(0)));
    assertEquals(999_999, refused(events.get(1)));
    assertEquals(
        KeyUse.MAX_CALLERS, new JsonObject(events.get(1).detail()).getJsonArray("from").size());
  }

  private static int refused(AuditEvent event) {
    return new JsonObject(event.detail()).getJsonObject("refused").getInteger("key.unknown");
  }

  @Test
  void aKeyIsRecordedOnceAnHour() {
    // Given
    Actor agent = new Actor("default", "agent", Role.AGENT);

    // When
    use.used(agent);
    use.used(agent);
    use.used(new Actor("other", "agent", Role.AGENT));
    clock.now = clock.now.plusSeconds(3_600);
    use.used(agent);

    // Then
    assertEquals(
        List.of("default", "other", "default"), events.stream().map(AuditEvent::tenant).toList());
    assertTrue(events.stream().allMatch(event -> event.kind() == EventKind.KEY_USED));
  }
}
