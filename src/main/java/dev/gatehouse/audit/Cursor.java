package dev.gatehouse.audit;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A place in the log: for each chain that may still grow, the last row that was seen.
 *
 * @param places sequence by chain
 */
public record Cursor(Map<Long, Long> places) {
  /** The database looks into each. */
  private static final int MAX_CHAINS = 1_000;

  public Cursor {
    places = Map.copyOf(places);
  }

  /** As {@link #toString} writes it. */
  public static Cursor parse(String text) {
    Map<Long, Long> places = new HashMap<>();
    try {
      for (String place : text.isEmpty() ? new String[0] : text.split(",", -1)) {
        int colon = place.indexOf(':');
        places.put(
            Long.parseLong(place.substring(0, colon)), Long.parseLong(place.substring(colon + 1)));
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a place in the log: " + text, e);
    }
    if (places.size() > MAX_CHAINS) {
      throw new IllegalArgumentException(
          "a place in the log has at most " + MAX_CHAINS + " chains");
    }
    return new Cursor(places);
  }

  /** The same after this event. */
  public Cursor with(StoredEvent seen) {
    Map<Long, Long> moved = new HashMap<>(places);
    moved.put(seen.chain(), seen.sequence());
    return new Cursor(moved);
  }

  /** The oldest chain that may still grow; 0 if none is known. */
  long oldest() {
    return places.keySet().stream().mapToLong(Long::longValue).min().orElse(0);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(places)
        .forEach((chain, sequence) ->
            text.append(text.isEmpty() ? "" : ",").append(chain).append(':').append(sequence));
    return text.toString();
  }
}
