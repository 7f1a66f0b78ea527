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
      return known != null && known.full(windowMillis, nowMillis);
    }
    if (windows.size() >= MOST_KEYS) {
      forget();
    }
    return windows.computeIfAbsent(key, _ -> new Window(limit)).add(windowMillis, nowMillis);
  }

  private void forget() {
    long[] newest = windows.values().stream().mapToLong(Window::newest).sorted().toArray();
    long median = newest.length == 0 ? 0 : newest[newest.length / 2];
    windows.values().removeIf(window -> window.newest() <= median);
  }

  /** The times of the last {@code limit} events, as a ring. */
  private static final class Window {
    private final long[] times;
    private int next;
    private int count;
    private long newest;

    Window(int limit) {
      times = new long[limit];
    }

    synchronized boolean add(long windowMillis, long nowMillis) {
      boolean exceeded = full(windowMillis, nowMillis);
      times[next] = nowMillis;
      next = (next + 1) % times.length;
      count = Math.min(count + 1, times.length);
      newest = nowMillis;
      return exceeded;
    }

    /** Whether one more event now would be one too many. */
    synchronized boolean full(long windowMillis, long nowMillis) {
      return count == times.length && nowMillis - times[next] < windowMillis;
    }

    synchronized long newest() {
      return newest;
    }
  }
}
