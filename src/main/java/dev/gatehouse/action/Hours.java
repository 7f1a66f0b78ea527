package dev.gatehouse.action;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Set;

/**
 * Some hours of the week.
 *
 * @param from first minute of the day
 * @param to first minute that no longer counts; not after {@code from} if the span passes midnight
 * @param days days on which the span starts; all if empty
 * @param zone whose clock
 */
public record Hours(LocalTime from, LocalTime to, Set<DayOfWeek> days, ZoneId zone) {
  public Hours {
    days = Set.copyOf(days);
  }

  /** Whether a moment, in milliseconds since the epoch, is among them. */
  public boolean cover(long millis) {
    ZonedDateTime now = Instant.ofEpochMilli(millis).atZone(zone);
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
}
