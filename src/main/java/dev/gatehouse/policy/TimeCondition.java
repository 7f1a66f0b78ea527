package dev.gatehouse.policy;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

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

  /**
   * When spans would begin and end if they started on any day, from the day of {@code nowMillis} to
   * the same day of the next week: the next change is among them.
   */
  Stream<ZonedDateTime> edges(long nowMillis) {
    ZonedDateTime now = Instant.ofEpochMilli(nowMillis).atZone(zone);
    List<LocalTime> edges = from.equals(to) ? List.of(from) : List.of(from, to);
    return LongStream.rangeClosed(0, DayOfWeek.values().length)
        .mapToObj(now.toLocalDate()::plusDays)
        .flatMap(day -> edges.stream().map(edge -> day.atTime(edge).atZone(zone)));
  }

  @Override
  public Need need() {
    return Need.nothing();
  }
}
