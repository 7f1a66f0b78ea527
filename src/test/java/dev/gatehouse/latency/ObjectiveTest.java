package dev.gatehouse.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.config.ObjectiveSettings;
import dev.gatehouse.latency.Standing.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectiveTest {
  private static final long MILLI = 1_000_000;
  private static final Objective P95 = new Objective("o", Metric.HTTP_REQUEST, 95, 10 * MILLI);

  private static Interval times(int quick, int slow) {
    Interval interval = new Interval();
    interval.times.recordValueWithCount(MILLI, quick);
    interval.times.recordValueWithCount(20 * MILLI, slow);
    return interval;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, NO_DATA, 1",
    // One of nineteen might be the one of twenty that may be slow.
    "18, 1, NO_DATA, 1",
    "20, 0, MET, 1",
    "19, 1, MET, 0",
    "98, 2, MET, 0.6",
    "90, 10, BREACHED, -1"
  })
  void standsByHowManyOfThoseThatMayBeSlowAre(int quick, int slow, State state, double left) {
    Standing standing = P95.standing(times(quick, slow));
    assertEquals(state, standing.state());
    assertEquals(left, standing.budgetLeft(), 1e-9);
    assertEquals(quick + slow, standing.count());
    assertEquals(10, standing.target());
  }

  @Test
  void whatFailedTookTooLong() {
    Interval interval = times(90, 0);
    interval.fail(10);
    assertEquals(State.BREACHED, P95.standing(interval).state());
    assertEquals(100, P95.standing(interval).count());

    Interval nothingElse = new Interval();
    nothingElse.fail(20);
    assertEquals(State.BREACHED, P95.standing(nothingElse).state());
  }

  @Test
  void anOwnOneCannotTakeABuiltInName() {
    assertEquals(
        ObjectiveSettings.BUILT_IN,
        new LatencyRegistry().snapshot().objectives().stream().map(Standing::name).toList());
  }

  @Test
  void operatorsMayNameAllThatIsTimed() {
    assertEquals(
        Arrays.stream(Metric.values()).map(Metric::word).toList(), ObjectiveSettings.METRICS);
  }

  @Test
  void breaksAreToldOnceUntilTheyAreNewAgain() {
    // Given
    List<String> told = new ArrayList<>();
    LatencyVerticle verticle = new LatencyVerticle(new LatencyRegistry());
    verticle.onBreach(standing -> told.add(standing.name()));
    List<Standing> broken = List.of(P95.standing(times(0, 100)));
    List<Standing> kept = List.of(P95.standing(times(100, 0)));
    long second = 1_000_000_000L;

    // When / Then
    verticle.tell(kept, 0);
    assertEquals(List.of(), told);
    verticle.tell(broken, second);
    verticle.tell(broken, 2 * second);
    verticle.tell(kept, 3 * second);
    verticle.tell(broken, 4 * second);
    assertEquals(List.of("o"), told);
    verticle.tell(broken, 302 * second);
    assertEquals(List.of("o", "o"), told);
  }

  @Test
  void ofMemoryMoreThanFivePercentWithinADayIsTooMuch() {
    // Given
    Memory memory = new Memory();
    for (int minute = 0; minute < 10; minute++) {
      memory.keep(1000);
    }
    assertEquals(State.NO_DATA, memory.standing(memory.read()).state());

    // When / Then
    for (int minute = 0; minute < 10; minute++) {
      memory.keep(1050);
    }
    assertEquals(State.MET, memory.standing(memory.read()).state());
    assertEquals(5, memory.standing(memory.read()).current(), 1e-9);
    for (int minute = 0; minute < 10; minute++) {
      memory.keep(1051);
    }
    assertEquals(State.BREACHED, memory.standing(memory.read()).state());
    for (int day = 0; day < 24 * 60; day++) {
      memory.keep(1051);
    }
    assertEquals(State.MET, memory.standing(memory.read()).state(), "the day before is over");
  }
}
