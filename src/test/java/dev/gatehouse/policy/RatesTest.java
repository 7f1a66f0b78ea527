package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RatesTest {
  private static final Rates.Key KEY = new Rates.Key("rule", "tenant", "actor", "session");
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
      boolean exceeded = counted.exceeds(KEY, limit, WINDOW, now, true);

      // Then
      assertEquals(times.size() >= limit, exceeded);
      times.add(now);
    }
  }

  @Test
  void aLowerLimitHoldsForWhatWasCountedBefore() {
    // Given
    for (int i = 0; i < 5; i++) {
      assertFalse(rates.exceeds(KEY, 20, WINDOW, 0, true));
    }

    // When, then
    assertTrue(rates.exceeds(KEY, 5, WINDOW, 1, true));
    assertFalse(rates.exceeds(KEY, 20, WINDOW, 1, true));
  }
}
