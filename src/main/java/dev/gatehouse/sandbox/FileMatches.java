package dev.gatehouse.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a search found.
 *
 * @param cut whether there may be more: the limit was reached, or the time
 */
public record FileMatches(List<Match> matches, boolean cut) {
  /**
   * One place.
   *
   * @param place where in the file; null where only names were looked for
   */
  public record Match(GuestPath path, @Nullable Place place) {}

  /**
   * Where a text was found.
   *
   * @param line the first one is 1
   * @param offset in bytes from the file's beginning
   * @param text the line, or what is next to it where the line is long
   */
  public record Place(long line, long offset, String text) {}
}
