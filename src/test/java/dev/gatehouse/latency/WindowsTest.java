package dev.gatehouse.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private final LatencyRecorder first = new LatencyRecorder();
  private final LatencyRecorder second = new LatencyRecorder();
  private final Windows windows = new Windows();
  private long now;

  private void advance(int seconds) {
    for (int i = 0; i < seconds; i++) {
      windows.advance(List.of(first, second), ++now * 1000);
    }
  }

  private static void assertWithinOnePercent(Number expected, Number actual) {
    double tolerance = expected.doubleValue() / 100 + 1;
    assertEquals(expected.doubleValue(), actual.doubleValue(), tolerance);
  }

  @Test
  void percentilesAreRightToOnePercent() {
    // Given: 1 to 100,000 microseconds, each once.
    for (int i = 1; i <= 100_000; i++) {
      first.record(i * 1_000L);
    }

    // When
    advance(1);

    // Then
    Percentiles percentiles = windows.last(10);
    assertEquals(100_000, percentiles.count());
    assertEquals(100_000, percentiles.perSecond());
    assertWithinOnePercent(50_000_500, percentiles.mean());
    assertWithinOnePercent(50_000_000, percentiles.p50());
    assertWithinOnePercent(90_000_000, percentiles.p90());
    assertWithinOnePercent(95_000_000, percentiles.p95());
    assertWithinOnePercent(99_000_000, percentiles.p99());
    assertWithinOnePercent(99_900_000, percentiles.p999());
    assertWithinOnePercent(100_000_000, percentiles.max());
  }

  @Property(tries = 200)
  void anyTimesArePlacedToOnePercent(
      @ForAll @Size(min = 1, max = 200)
          List<@LongRange(max = LatencyRecorder.MAX_NANOS) Long> times) {
    // Given
    LatencyRecorder recorder = new LatencyRecorder();
    Windows fresh = new Windows();
    times.forEach(recorder::record);

    // When
    fresh.advance(List.of(recorder), 1000);

    // Then
    long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
    Percentiles percentiles = fresh.last(10);
    assertEquals(sorted.length, percentiles.count());
    assertWithinOnePercent(Arrays.stream(sorted).average().orElseThrow(), percentiles.mean());
    assertWithinOnePercent(sorted[rank(sorted.length, 50)], percentiles.p50());
    assertWithinOnePercent(sorted[rank(sorted.length, 99)], percentiles.p99());
    assertWithinOnePercent(sorted[sorted.length - 1], percentiles.max());
  }

  private static int rank(int count, double percentile) {
    return Math.max(0, (int) Math.ceil(count * percentile / 100) - 1);
  }

  @Test
  void whatFailedIsCountedInEachWindow() {
    first.fail();
    second.fail();
    second.record(1_000);

    advance(1);
    assertEquals(2, windows.last(10).errors());
    assertEquals(1, windows.last(10).count());
    advance(10);
    assertEquals(0, windows.last(10).errors());
    assertEquals(2, windows.last(60).errors());
    advance(300);
    assertEquals(0, windows.last(300).errors());
    assertEquals(2, windows.sinceStart(311).errors());
  }

  @Test
  void twoWritersMerge() {
    // Given
    first.record(1_000_000);
    second.record(3_000_000);

    // When
    advance(1);

    // Then
    assertEquals(2, windows.last(10).count());
    assertWithinOnePercent(2_000_000, windows.last(10).mean());
    assertWithinOnePercent(3_000_000, windows.last(10).max());
  }

  @Test
  void aWindowForgetsAndTheSumDoesNot() {
    // Given
    first.record(5_000_000);
    advance(1);

    // When / Then: it is the last of ten seconds, then no longer.
    advance(9);
    assertEquals(1, windows.last(10).count());
    assertEquals(0.1, windows.last(10).perSecond());
    advance(1);
    assertEquals(Percentiles.NONE, windows.last(10));
    assertEquals(1, windows.last(60).count());
    advance(50);
    assertEquals(0, windows.last(60).count());
    advance(100);
    assertEquals(1, windows.sinceStart(160).count());
    assertEquals(1 / 160.0, windows.sinceStart(160).perSecond());
  }

  @Test
  void aMinuteAndFiveBeginWithWholeTens() {
    for (int second = 1; second <= 400; second++) {
      first.record(1_000_000);
      advance(1);
      long minute = windows.last(60).count();
      long five = windows.last(300).count();
      assertEquals(windows.seconds(60), minute);
      assertEquals(windows.seconds(300), five);
      assertTrue(minute == second || (minute > 50 && minute <= 60), second + ": " + minute);
      assertTrue(five == second || (five > 290 && five <= 300), second + ": " + five);
    }
    assertEquals(1, windows.last(60).perSecond());
    assertEquals(1, windows.last(300).perSecond());
    assertEquals(30, windows.tens().size());
    assertEquals(101_000 - 1_000, windows.tens().getFirst().getStartTimeStamp());
    assertEquals(400_000, windows.tens().getLast().getEndTimeStamp());
  }

  @Test
  void timesBeyondTheScaleCountAsItsEnds() {
    // Given
    first.record(Long.MAX_VALUE);
    first.record(-5);

    // When
    advance(1);

    // Then
    assertEquals(2, windows.last(10).count());
    assertWithinOnePercent(LatencyRecorder.MAX_NANOS, windows.last(10).max());
    assertEquals(0, windows.last(10).p50());
  }

  @Test
  void withoutTimesEverythingIsZero() {
    assertEquals(Percentiles.NONE, windows.last(10));
    assertEquals(Percentiles.NONE, windows.sinceStart(0));
  }
}
