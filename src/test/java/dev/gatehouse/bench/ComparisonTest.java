package dev.gatehouse.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.bench.Comparison.Change;
import dev.gatehouse.bench.Comparison.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final List<Double> NONE = List.of();

  @Test
  void timesThatLieAboveAllEarlierOnesAreWorse() {
    assertEquals(
        Verdict.WORSE,
        Comparison.verdict(rounds(1.0, 1.1, 0.9, 1.0), rounds(1.3, 1.2, 1.4, 1.3), Unit.MILLIS));
  }

  @Test
  void ratesThatLieAboveAllEarlierOnesAreBetter() {
    assertEquals(
        Verdict.BETTER,
        Comparison.verdict(rounds(100, 110, 90, 100), rounds(130, 120, 140, 130), Unit.PER_SECOND));
  }

  @Test
  void roundsThatOverlapAreNoise() {
    assertEquals(
        Verdict.SAME,
        Comparison.verdict(rounds(100, 150, 90, 100), rounds(130, 120, 140, 190), Unit.PER_SECOND));
  }

  @Test
  void aMedianThatHardlyMovedIsTheSameHoweverSteadyTheRounds() {
    assertEquals(
        Verdict.SAME,
        Comparison.verdict(
            rounds(100, 100, 100, 100), rounds(104, 104, 104, 104), Unit.PER_SECOND));
  }

  @Test
  void threeRoundsTellNothing() {
    assertEquals(
        Verdict.UNTOLD,
        Comparison.verdict(rounds(100, 100, 100), rounds(10, 10, 10, 10), Unit.PER_SECOND));
  }

  @Test
  void aMachineThatWasBusierForBothChangesNothing() {
    Figure quiet =
        new Figure("x", Unit.PER_SECOND, rounds(50, 50, 50, 50), rounds(100, 100, 100, 100));
    Figure busy = new Figure("x", Unit.PER_SECOND, rounds(25, 25, 25, 25), rounds(50, 50, 50, 50));

    List<Change> changes = Comparison.of(results(quiet), results(busy));

    assertEquals(Verdict.SAME, changes.getFirst().verdict());
  }

  @Test
  void endsWithOneOnlyIfSomethingBecameWorse() {
    Figure before = new Figure("x", Unit.MILLIS, rounds(1, 1, 1, 1), NONE);
    Figure slower = new Figure("x", Unit.MILLIS, rounds(2, 2, 2, 2), NONE);

    assertEquals(1, Comparison.exitCode(Comparison.of(results(before), results(slower))));
    assertEquals(0, Comparison.exitCode(Comparison.of(results(slower), results(before))));
  }

  @Test
  void whatOnlyOneRunHasIsNotCompared() {
    Figure one = new Figure("x", Unit.MILLIS, rounds(1, 1, 1, 1), NONE);
    Figure other = new Figure("y", Unit.MILLIS, rounds(2, 2, 2, 2), NONE);

    assertEquals(List.of(), Comparison.of(results(one), results(other)));
    assertEquals(List.of("x"), Comparison.missing(results(one), results(other)));
  }

  private static List<Double> rounds(double... values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static Results results(Figure... figures) {
    Map<String, Figure> all = new LinkedHashMap<>();
    for (Figure figure : figures) {
      all.put(figure.name(), figure);
    }
    return new Results(new JsonObject(), new JsonArray(), all, Map.of());
  }
}
