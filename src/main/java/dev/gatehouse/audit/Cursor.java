package dev.gatehouse.audit;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A place in the log: for each chain that may still grow, the last row that was seen.
 *
 * @param places sequence by chain
 * @param through chains up to this one that have no place are read to their end
 */
public record Cursor(Map<Long, Long> places, long through) {
  /** The most chains that a client's place may have: the database looks into each. */
  private static final int MAX_CHAINS = 1_000;

  /** Stands behind the number of the chain {@link #through} which all others are read. */
  private static final String READ = "read";

  public Cursor {
    places = Map.copyOf(places);
  }

  /** A place in these chains, to which older ones add nothing any more. */
  public Cursor(Map<Long, Long> places) {
    this(places, oldest(places) - 1);
  }

  /**
   * As {@link #toString} writes it.
   *
   * @throws IllegalArgumentException if it is no place, or has more than {@value #MAX_CHAINS}
   *     chains
   */
  public static Cursor parse(String text) {
    Cursor cursor = stored(text);
    if (cursor.places.size() > MAX_CHAINS) {
      throw new IllegalArgumentException(
          "a place in the log has at most " + MAX_CHAINS + " chains");
    }
    return cursor;
  }

  /** The same for a text of our own, which may have any number of chains. */
  static Cursor stored(String text) {
    Map<Long, Long> places = new HashMap<>();
    long through = -1;
    try {
      for (String place : text.isEmpty() ? new String[0] : text.split(",", -1)) {
        int colon = place.indexOf(':');
        long chain = Long.parseLong(place.substring(0, colon));
        String seen = place.substring(colon + 1);
        if (seen.equals(READ)) {
          through = chain;
        } else {
          places.put(chain, Long.parseLong(seen));
        }
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a place in the log: " + text, e);
    }
    return through < 0 ? new Cursor(places) : new Cursor(places, through);
  }

  /** The same after this event. */
  public Cursor with(StoredEvent seen) {
    Map<Long, Long> moved = new HashMap<>(places);
    moved.put(seen.chain(), seen.sequence());
    return new Cursor(moved, through);
  }

  /** Whether this row was seen. */
  boolean isBehind(long chain, long sequence) {
    Long seen = places.get(chain);
    return seen == null ? chain <= through : seen >= sequence;
  }

  /** The same place without the chains that are found anyhow, by their numbers. */
  Cursor withoutUnseen() {
    Map<Long, Long> seen = new HashMap<>(places);
    seen.entrySet().removeIf(place -> place.getValue() == 0 && place.getKey() > through);
    return new Cursor(seen, through);
  }

  private static long oldest(Map<Long, Long> places) {
    return places.keySet().stream().mapToLong(Long::longValue).min().orElse(1);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (through != oldest(places) - 1) {
      text.append(through).append(':').append(READ);
    }
    new TreeMap<>(places)
        .forEach((chain, sequence) ->
            text.append(text.isEmpty() ? "" : ",").append(chain).append(':').append(sequence));
    return text.toString();
  }
}
