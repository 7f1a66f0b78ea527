package dev.gatehouse.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final String RED = "\u001b[31m";

  @Test
  void whatMissesItsBoundIsMarkedAndRed() {
    Table table = Table.of(results(write(3.0, 0.3)), Pace.FULL);

    assertEquals(1, table.missed());
    assertTrue(table.text(true).contains(RED + "! Audit logging"), table.text(true));
    assertFalse(table.text(false).contains(RED));
    assertTrue(table.markdown().contains("**3.00 ms: missed**"), table.markdown());
  }

  @Test
  void whatReachesItIsPlain() {
    Table table = Table.of(results(write(0.4, 0.3)), Pace.FULL);

    assertEquals(0, table.missed());
    assertFalse(table.text(true).contains(RED));
  }

  @Test
  void inCiOnlyTheRatioCounts() {
    Table slowMachine = Table.of(results(write(300, 290)), Pace.CI);
    Table slowServer = Table.of(results(write(300, 2)), Pace.CI);

    assertEquals(0, slowMachine.missed());
    assertEquals(1, slowServer.missed());
  }

  @Test
  void aRatioThatMustBeReachedCountsBesideTheBound() {
    Row row = Row.of("x", "y", "z").bound(10).ratio(0.5);

    assertTrue(row.misses(rate(20, 50), Pace.FULL));
    assertTrue(row.misses(rate(5, 5), Pace.FULL));
    assertFalse(row.misses(rate(20, 30), Pace.FULL));
  }

  @Test
  void whatIsNotANumberReachesNothing() {
    Row row = Row.of("x", "y", "z").bound(10);

    assertTrue(row.misses(rate(Double.NaN, 1), Pace.FULL));
  }

  @Test
  void eachRowHasAFigureOfItsOwn() {
    Map<String, Long> rows =
        Catalogue.ROWS.stream().collect(Collectors.groupingBy(Row::figure, Collectors.counting()));

    rows.forEach((figure, count) -> assertEquals(1, count, figure));
  }

  private static Figure write(double millis, double baseline) {
    return new Figure("audit.write.mean", Unit.MILLIS, List.of(millis), List.of(baseline));
  }

  private static Figure rate(double value, double baseline) {
    return new Figure("z", Unit.PER_SECOND, List.of(value), List.of(baseline));
  }

  private static Results results(Figure figure) {
    return new Results(new JsonObject(), new JsonArray(), Map.of(figure.name(), figure), Map.of());
  }
}
