package dev.gatehouse.policy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How often something happened to whom. Counts outlive the policy that asked for them: a policy
 * that is reloaded finds them, and its limit counts for what was before. Safe for any thread.
 *
 * <p>Memory is bounded, and where there is no room a limit counts as exceeded: who makes up
 * sessions to be forgotten is counted as one. Each owner of counts keeps {@link #MOST_SESSIONS}
 * sessions; those beyond share one count. What lies outside its window is forgotten.
 */
final class Rates {
  /** Those whose counts are kept apart, over all rules. */
  static final int MOST_OWNERS = 65_536;

  /** Sessions of one owner that are counted apart. */
  static final int MOST_SESSIONS = 1_024;

  /** Times that are kept for one owner, over all sessions: 2 MiB. */
  static final int MOST_TIMES = 262_144;

  private static final long SWEEP_MILLIS = 60_000;

  /**
   * The session that stands for all for which there is no room; no name that a session can have.
   */
  private static final String OTHERS = "\0others";

  private final ConcurrentHashMap<Owner, Counts> owners = new ConcurrentHashMap<>();
  private final AtomicLong nextSweepMillis = new AtomicLong(Long.MIN_VALUE);

  /**
   * Who has counts of his own.
   *
   * @param rule whose limit it is
   * @param actor empty if all actors of the tenant are counted as one
   */
  record Owner(String rule, String tenant, String actor) {}

  /**
   * Whether there were {@code limit} events or more within the window that ends now.
   *
   * @param session empty if all sessions of the owner are counted as one
   * @param limit 1 to {@link RateCondition#MOST}
   * @param counting whether this is an event of its own
   */
  boolean exceeds(
      Owner owner, String session, int limit, long windowMillis, long nowMillis, boolean counting) {
    if (!counting) {
      Counts known = owners.get(owner);
      return known != null && known.full(session, limit, windowMillis, nowMillis);
    }
    sweep(nowMillis);
    if (owners.size() >= MOST_OWNERS && !owners.containsKey(owner)) {
      return true;
    }
    // Within the map's own lock: an owner that is being swept does not lose what is added now.
    boolean[] exceeded = {false};
    owners.compute(
        owner,
        (_, known) -> {
          Counts counts = known == null ? new Counts() : known;
          exceeded[0] = counts.add(session, limit, windowMillis, nowMillis);
          return counts;
        });
    return exceeded[0];
  }

  /**
   * When what is exceeded now would no longer be, if nothing else happened; {@code nowMillis} if it
   * is not exceeded.
   */
  long freeAtMillis(Owner owner, String session, int limit, long windowMillis, long nowMillis) {
    Counts known = owners.get(owner);
    return known == null ? nowMillis : known.freeAt(session, limit, windowMillis, nowMillis);
  }

  /** How many owners have counts. */
  int owners() {
    return owners.size();
  }

  /** How many sessions of an owner have counts of their own. */
  int sessions(Owner owner) {
    Counts known = owners.get(owner);
    return known == null ? 0 : known.sessions();
  }

  /** How many times there is room for, over all owners: what the counts cost. */
  long room() {
    return owners.values().stream().mapToLong(Counts::room).sum();
  }

  /** Forgets, once a minute, everything that lies outside its window. */
  private void sweep(long nowMillis) {
    long next = nextSweepMillis.get();
    if (nowMillis < next || !nextSweepMillis.compareAndSet(next, nowMillis + SWEEP_MILLIS)) {
      return;
    }
    for (Owner owner : owners.keySet()) {
      owners.computeIfPresent(owner, (_, counts) -> counts.idle(nowMillis) ? null : counts);
    }
  }

  /** The counts of one owner, by session, the one that was quiet longest first. */
  private static final class Counts {
    private final LinkedHashMap<String, Window> windows = new LinkedHashMap<>(4, 0.75f, true);
    private int room;

    synchronized boolean add(String session, int limit, long windowMillis, long nowMillis) {
      forgetIdle(nowMillis);
      Window window = windows.computeIfAbsent(place(session), _ -> new Window());
      int before = window.room();
      boolean exceeded = window.add(limit, windowMillis, nowMillis, MOST_TIMES - room);
      room += window.room() - before;
      return exceeded;
    }

    synchronized boolean full(String session, int limit, long windowMillis, long nowMillis) {
      Window window = windows.get(place(session));
      return window != null && window.full(limit, windowMillis, nowMillis);
    }

    synchronized long freeAt(String session, int limit, long windowMillis, long nowMillis) {
      Window window = windows.get(place(session));
      return window != null && window.full(limit, windowMillis, nowMillis)
          ? window.oldest(limit) + windowMillis
          : nowMillis;
    }

    /** Once sessions are counted as one, new ones are until that count is forgotten. */
    private String place(String session) {
      boolean own =
          windows.containsKey(session)
              || (windows.size() < MOST_SESSIONS && !windows.containsKey(OTHERS));
      return own ? session : OTHERS;
    }

    synchronized boolean idle(long nowMillis) {
      forgetIdle(nowMillis);
      return windows.isEmpty();
    }

    /** From the quietest on to the first that still counts: each is forgotten once. */
    private void forgetIdle(long nowMillis) {
      Iterator<Map.Entry<String, Window>> quietest = windows.entrySet().iterator();
      while (quietest.hasNext()) {
        Window window = quietest.next().getValue();
        if (!window.idle(nowMillis)) {
          return;
        }
        room -= window.room();
        quietest.remove();
      }
    }

    synchronized int sessions() {
      return windows.size();
    }

    synchronized int room() {
      return room;
    }
  }

  /**
   * The times of the last events, as a ring that grows no further than to the limit, and only by
   * events that lie within the window. Limit and window may change from call to call.
   */
  private static final class Window {
    private static final int SMALLEST = 8;

    private long[] times = {};
    private int next;
    private int count;
    private long newest;
    private long windowMillis;

    /**
     * Adds an event.
     *
     * @param spare how many times it may grow by
     * @return whether it is one too many
     */
    boolean add(int limit, long ofMillis, long nowMillis, int spare) {
      boolean exceeded = full(limit, ofMillis, nowMillis);
      if (count == times.length
          && times.length < limit
          && (count == 0 || nowMillis - times[next] < ofMillis)) {
        int size = Math.min(limit, Math.max(SMALLEST, 2 * times.length));
        if (size - times.length <= spare) {
          grow(size);
        } else if (count == 0) {
          return true;
        } else {
          exceeded = true;
        }
      }
      times[next] = nowMillis;
      next = (next + 1) % times.length;
      count = Math.min(count + 1, times.length);
      newest = nowMillis;
      windowMillis = ofMillis;
      return exceeded;
    }

    /** Whether one more event now would be one too many. */
    boolean full(int limit, long ofMillis, long nowMillis) {
      return count >= limit && nowMillis - oldest(limit) < ofMillis;
    }

    /** The time of the event that is the last but {@code limit - 1}; there must be so many. */
    long oldest(int limit) {
      return times[Math.floorMod(next - limit, times.length)];
    }

    boolean idle(long nowMillis) {
      return nowMillis - newest >= windowMillis;
    }

    int room() {
      return times.length;
    }

    private void grow(int size) {
      long[] more = new long[size];
      System.arraycopy(times, next, more, 0, times.length - next);
      System.arraycopy(times, 0, more, times.length - next, next);
      next = times.length;
      times = more;
    }
  }
}
