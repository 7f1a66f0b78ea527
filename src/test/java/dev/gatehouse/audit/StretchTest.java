package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StretchTest {
  private static final Instant EVENING = Instant.parse("2026-05-01T23:59:59.999999Z");

  private static Stretch filled(int rows) {
    Stretch stretch = new Stretch(7, 101, 64);
    for (int i = 0; i < rows; i++) {
      stretch.add(101 + i, EVENING, "tenant", null, null, null, "alert");
    }
    return stretch;
  }

  @Test
  void fewRowsAreWrittenByTheirNumbers() {
    Tuple parameters = filled(3).parameters(103, false);

    assertEquals(7, parameters.getLong(0));
    assertEquals(101, parameters.getLong(1));
    assertEquals(103, parameters.getLong(2));
    assertEquals(AuditRows.time(EVENING), parameters.getOffsetDateTime(3));
    assertEquals(false, parameters.getBoolean(5));
    assertArrayEquals(new String[] {"tenant"}, parameters.getArrayOfStrings(6));
    assertArrayEquals(new String[] {"kind"}, parameters.getArrayOfStrings(7));
    assertArrayEquals(new String[] {"alert"}, parameters.getArrayOfStrings(8));
    assertArrayEquals(new String[] {"{0,1,2}"}, parameters.getArrayOfStrings(9));
    assertNull(parameters.getArrayOfStrings(10)[0]);
  }

  @Test
  void moreRowsAreWrittenAsBits() {
    Tuple parameters = filled(17).parameters(117, true);

    assertNull(parameters.getArrayOfStrings(9)[0]);
    assertEquals("xffff800000000000", parameters.getArrayOfStrings(10)[0]);
    assertEquals(true, parameters.getBoolean(5));
  }

  @Test
  void isWholeWithItsLastRowAndTakesOneDay() {
    assertFalse(filled(63).isWhole());
    assertTrue(filled(64).isWhole());
    assertEquals(165, filled(64).next());
    assertTrue(filled(1).takes(EVENING));
    assertFalse(filled(1).takes(EVENING.plusNanos(1_000)));
    assertTrue(filled(0).takes(EVENING.plusNanos(1_000)));
  }
}
