package dev.gatehouse.policy;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Set;

/**
 * Holds at some times of the week.
 *
 * @param from first minute of the day
 * @param to first minute that no longer counts; before {@code from} if the span passes midnight
 * @param days days on which the span starts; all if empty
 * @param zone whose clock
 */
record TimeCondition(Source source, LocalTime from, LocalTime to, Set<DayOfWeek> days, ZoneId zone)
    implements Condition {
  @Override
  public boolean holds(Facts facts) {
    ZonedDateTime now = Instant.ofEpochMilli(facts.nowMillis).atZone(zone);
    LocalTime time = now.toLocalTime();
    if (from.isBefore(to)) {
      return !time.isBefore(from) && time.isBefore(to) && on(now.getDayOfWeek());
    }
    return (!time.isBefore(from) && on(now.getDayOfWeek()))
        || (time.isBefore(to) && on(now.getDayOfWeek().minus(1)));
  }

  private boolean on(DayOfWeek day) {
    return days.isEmpty() || days.contains(day);
  }

  @Override
  public Need need() {
    return Need.nothing();
  }
}
