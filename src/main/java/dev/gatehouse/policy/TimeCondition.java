package dev.gatehouse.policy;

import dev.gatehouse.action.Hours;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Holds at some times of the week. */
record TimeCondition(Source source, Hours hours) implements Condition {
  @Override
  public boolean holds(Facts facts) {
    return hours.cover(facts.nowMillis);
  }

  /**
   * When spans would begin and end if they started on any day, from the day of {@code nowMillis} to
   * the same day of the next week: the next change is among them.
   */
  Stream<ZonedDateTime> edges(long nowMillis) {
    ZonedDateTime now = Instant.ofEpochMilli(nowMillis).atZone(hours.zone());
    List<LocalTime> edges =
        hours.from().equals(hours.to()) ? List.of(hours.from()) : List.of(hours.from(), hours.to());
    return LongStream.rangeClosed(0, DayOfWeek.values().length)
        .mapToObj(now.toLocalDate()::plusDays)
        .flatMap(day -> edges.stream().map(edge -> day.atTime(edge).atZone(hours.zone())));
  }

  @Override
  public Need need() {
    return Need.nothing();
  }
}
