package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainTest {
  /** A clock that shows what it is told. */
  private static final class SetClock extends Clock {
    private Instant now = Instant.parse("2026-03-04T05:06:07.123456789Z");

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
  private final Chain chain = new Chain(Events.START, clock);

  @Test
  void theTimeOfAChainStandsStillWhileTheClockIsBehindIt() {
    // Given
    chain.tick();
    Instant before = chain.recordedAt();

    // When
    clock.now = clock.now.minusSeconds(3600);
    chain.tick();

    // Then
    assertEquals(before, chain.recordedAt());
    clock.now = clock.now.plusSeconds(7200);
    chain.tick();
    assertEquals(before.plusSeconds(3600), chain.recordedAt());
  }

  @Test
  void keepsMicrosecondsBecauseTheDatabaseDoes() {
    chain.tick();
    assertEquals(Instant.parse("2026-03-04T05:06:07.123456Z"), chain.recordedAt());
  }

  @Test
  void equalEventsHaveDifferentHashes() {
    // Given
    AuditEvent event = Events.decision("a", "{}");

    // When
    var hashes = chain.append(List.of(event, event));

    // Then
    assertNotEquals(hashes[0], hashes[1]);
    assertEquals(2, chain.sequence());
  }

  @Test
  void nullAndEmptyAreNotTheSame() {
    // Given
    CanonicalRow row = new CanonicalRow();
    AuditEvent event = Events.decision("a", "{}");

    // When
    row.set(1, 1, Instant.EPOCH, event);
    int withNull = row.length();

    // Then
    int texts = 4 * CanonicalRow.COLUMNS;
    assertEquals(
        texts
            + 5 * 8
            + "decisiona".length()
            + "defaults1agentagentbashLOWALLOWrule-1sha256:abc{}".length(),
        withNull);
  }
}
