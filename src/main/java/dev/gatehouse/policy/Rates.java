package dev.gatehouse.policy;

import java.util.concurrent.ConcurrentHashMap;

/**
 * How often something happened to whom. Memory is bounded: when there are too many keys, the ones
 * that were quiet longest are forgotten. Safe for any thread.
 */
final class Rates {
  private static final int MOST_KEYS = 65_536;

  private final ConcurrentHashMap<Key, Window> windows = new ConcurrentHashMap<>();

  /** Who did what. */
  record Key(String rule, String tenant, String actor, String session) {}

  /**
   * Whether more than {@code limit} events lie within the window that ends now.
   *
   * @param limit 1 to {@link RateCondition#MOST}
   * @param counting whether this is an event of its own
   */
  boolean exceeds(Key key, int limit, long windowMillis, long nowMillis, boolean counting) {
    if (!counting) {
      Window known = windows.get(key);
      return known != null && known.full(limit, windowMillis, nowMillis);
    }
    if (windows.size() >= MOST_KEYS) {
      forget();
    }
    return windows.computeIfAbsent(key, _ -> new Window()).add(limit, windowMillis, nowMillis);
  }

  private void forget() {
    long[] newest = windows.values().stream().mapToLong(Window::newest).sorted().toArray();
    long median = newest.length == 0 ? 0 : newest[newest.length / 2];
    windows.values().removeIf(window -> window.newest() <= median);
  }

  /**
   * The times of the last events, as a ring that grows no further than to the limit, and only by
   * events that lie within the window. The limit may change from call to call: a policy that is
   * reloaded finds what was counted.
   */
  private static final class Window {
    private static final int SMALLEST = 8;

    private long[] times = new long[SMALLEST];
    private int next;
    private int count;
    private long newest;

    synchronized boolean add(int limit, long windowMillis, long nowMillis) {
      boolean exceeded = full(limit, windowMillis, nowMillis);
      if (count == times.length
          && times.length < limit
          && nowMillis - times[next] < windowMillis) {
        grow(Math.min(limit, 2 * times.length));
      }
      times[next] = nowMillis;
      next = (next + 1) % times.length;
      count = Math.min(count + 1, times.length);
      newest = nowMillis;
      return exceeded;
    }

    /** Whether one more event now would be one too many. */
    synchronized boolean full(int limit, long windowMillis, long nowMillis) {
      if (count < limit) {
        return false;
      }
      int first = Math.floorMod(next - limit, times.length);
      return nowMillis - times[first] < windowMillis;
    }

    private void grow(int size) {
      long[] more = new long[size];
      System.arraycopy(times, next, more, 0, times.length - next);
      System.arraycopy(times, 0, more, times.length - next, next);
      next = times.length;
      times = more;
    }

    synchronized long newest() {
      return newest;
    }
  }
}
