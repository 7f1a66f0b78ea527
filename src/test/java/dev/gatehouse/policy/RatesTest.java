package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.Rates.Owner;
import java.util.ArrayDeque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RatesTest {
  private static final Owner OWNER = new Owner("rule", "tenant", "actor");
  private static final long WINDOW = 100;

  private final Rates rates = new Rates();

  @Property
  void countsAsAListOfAllTimesWould(
      @ForAll @IntRange(min = 1, max = 40) int limit,
      @ForAll @Size(max = 200) List<@IntRange(max = 10) Integer> pauses) {
    // Given
    Rates counted = new Rates();
    ArrayDeque<Long> times = new ArrayDeque<>();
    long now = 0;
    for (int pause : pauses) {
      now += pause;
      long start = now - WINDOW;
      times.removeIf(time -> time <= start);

      // When
      boolean looked = counted.exceeds(OWNER, "s", limit, WINDOW, now, false);
      boolean exceeded = counted.exceeds(OWNER, "s", limit, WINDOW, now, true);

      // Then
      assertEquals(times.size() >= limit, exceeded);
      assertEquals(exceeded, looked);
      times.add(now);
    }
  }

  @Test
  void aLowerLimitHoldsForWhatWasCountedBefore() {
    // Given
    for (int i = 0; i < 5; i++) {
      assertFalse(count("s", 20, 0));
    }

    // When, then
    assertTrue(count("s", 5, 1));
    assertFalse(count("s", 20, 1));
  }

  @Test
  void aHigherLimitHoldsForWhatWasCountedBefore() {
    // Given
    for (int i = 0; i < 3; i++) {
      count("s", 2, 0);
    }

    // When
    int fine = 0;
    while (!count("s", 1_000, 1)) {
      fine++;
    }

    // Then: of three events the two were kept that the lower limit asked about
    assertEquals(1_000 - 2, fine);
  }

  @Test
  void aWindowCostsWhatHappensInItAndNotWhatItsLimitIs() {
    // When an event comes now and then, and the limit is as high as it may be
    for (int i = 0; i < 5_000; i++) {
      count("s", RateCondition.MOST, i * WINDOW);
    }

    // Then
    assertTrue(rates.room() <= 8, () -> rates.room() + " times");
  }

  @Test
  void forgetsWhoWasQuietForLongerThanTheWindow() {
    // Given
    for (int i = 0; i < 500; i++) {
      rates.exceeds(new Owner("rule", "tenant", "actor" + i), "s", 5, WINDOW, 0, true);
      count("s" + i, 5, 0);
    }
    assertEquals(501, rates.owners());
    assertEquals(500, rates.sessions(OWNER));

    // When
    count("late", 5, 120_000);

    // Then
    assertEquals(1, rates.owners());
    assertEquals(1, rates.sessions(OWNER));
    assertEquals(5, rates.room());
  }

  @Test
  void whoMakesUpSessionsIsCountedAsOneAndNotForgotten() {
    // Given
    for (int i = 0; i < 3; i++) {
      count("first", 3, 0);
    }

    // When
    int fine = 0;
    for (int i = 0; i < 100_000; i++) {
      fine += count("made-up-" + i, 3, 1) ? 0 : 1;
    }

    // Then: each session with a count of its own, and three that share one
    assertEquals(Rates.MOST_SESSIONS - 1 + 3, fine);
    assertEquals(Rates.MOST_SESSIONS + 1, rates.sessions(OWNER));
    assertTrue(count("first", 3, 2), "what the first session did is known");

    // And once they are all quiet, sessions are told apart again
    assertFalse(count("made-up-7", 3, 1 + WINDOW + 1));
    assertFalse(count("made-up-8", 3, 1 + WINDOW + 1));
    assertEquals(2, rates.sessions(OWNER));
  }

  @Test
  void oneWhoFloodsDoesNotTakeTheRoomOfAnother() {
    // Given
    for (int i = 0; i < 100_000; i++) {
      count("made-up-" + i, 3, 0);
    }

    // When
    Owner other = new Owner("rule", "tenant", "other");
    boolean exceeded = rates.exceeds(other, "s", 3, WINDOW, 0, true);

    // Then
    assertFalse(exceeded);
  }

  @Test
  void whereThereIsNoRoomForMoreTimesTheLimitCountsAsExceeded() {
    // When
    int fine = 0;
    for (int i = 0; i < 600_000; i++) {
      fine += count("s" + i % 100, RateCondition.MOST, 0) ? 0 : 1;
    }

    // Then
    assertTrue(rates.room() <= Rates.MOST_TIMES, () -> rates.room() + " times");
    assertTrue(fine <= Rates.MOST_TIMES, fine + " were fine");
    assertTrue(count("s1", RateCondition.MOST, 1));
    assertFalse(count("s1", RateCondition.MOST, WINDOW + 1), "what is over is over");
  }

  @Test
  void anOwnerForWhomThereIsNoRoomCountsAsExceeding() {
    // Given
    for (int i = 0; i < Rates.MOST_OWNERS; i++) {
      rates.exceeds(new Owner("rule", "tenant", "actor" + i), "s", 5, WINDOW, 0, true);
    }

    // When, then
    assertTrue(count("s", 5, 0));
    assertEquals(Rates.MOST_OWNERS, rates.owners());
    assertFalse(count("s", 5, 120_000), "and has room once others are quiet");
  }

  private boolean count(String session, int limit, long nowMillis) {
    return rates.exceeds(OWNER, session, limit, WINDOW, nowMillis, true);
  }
}
