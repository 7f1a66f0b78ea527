package dev.gatehouse.action;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HoursTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static long at(String time) {
    return ZonedDateTime.parse(time).toInstant().toEpochMilli();
  }

  @Test
  void coversFromTheFirstMinuteToBeforeTheLastOnItsDays() {
    Hours office =
        new Hours(LocalTime.of(8, 0), LocalTime.of(18, 0), Set.of(DayOfWeek.MONDAY), BERLIN);

    assertTrue(office.cover(at("2026-03-02T08:00:00+01:00")));
    assertTrue(office.cover(at("2026-03-02T16:59:59Z")));
    assertFalse(office.cover(at("2026-03-02T18:00:00+01:00")));
    assertFalse(office.cover(at("2026-03-02T07:59:59+01:00")));
    assertFalse(office.cover(at("2026-03-03T12:00:00+01:00")));
  }

  @Test
  void aSpanOverMidnightBelongsToTheDayOnWhichItStarts() {
    Hours night =
        new Hours(LocalTime.of(22, 0), LocalTime.of(6, 0), Set.of(DayOfWeek.SUNDAY), BERLIN);

    assertTrue(night.cover(at("2026-03-01T23:00:00+01:00")));
    assertTrue(night.cover(at("2026-03-02T05:59:00+01:00")));
    assertFalse(night.cover(at("2026-03-01T05:00:00+01:00")));
    assertFalse(night.cover(at("2026-03-02T22:00:00+01:00")));
  }
}
