package dev.gatehouse.latency;

import dev.gatehouse.latency.Standing.State;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * What this process holds, once a second, and how much more that is than a day ago. Confined to the
 * sampler's thread; nothing here blocks.
 */
public final class Memory {
  private static final int MINUTE = 60;
  private static final int MINUTES_OF_DAY = 24 * 60;

  /** A beginning and an end are each the median of so many minutes. */
  private static final int MEDIAN_OF = 10;

  private static final double MAX_GROWTH_PERCENT = 5;
  private static final double PERCENT = 100;

  /** The live heap at the end of each of the last day's minutes, oldest first. */
  private final Deque<Long> minutes = new ArrayDeque<>();

  private long samples;

  Memory() {}

  /**
   * One reading, in bytes.
   *
   * @param liveHeap what was left of the heap by the last collection of each of its pools
   * @param usedHeap the heap with what is garbage by now
   * @param direct buffers outside of the heap
   * @param growthPercent of the live heap within the last day, or since the start; 0 within the
   *     first {@value #MEDIAN_OF} minutes twice over
   */
  public record Reading(
      long liveHeap, long usedHeap, long direct, double growthPercent, int ofMinutes) {}

  Reading read() {
    long live = 0;
    long used = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        MemoryUsage left = pool.getCollectionUsage();
        live += left == null ? 0 : left.getUsed();
        used += pool.getUsage().getUsed();
      }
    }
    if (++samples % MINUTE == 0) {
      keep(live);
    }
    long direct = 0;
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      direct += Math.max(0, pool.getMemoryUsed());
    }
    return new Reading(live, used, direct, growthPercent(), minutes.size());
  }

  /** Keeps one minute's live heap. */
  void keep(long live) {
    minutes.addLast(live);
    if (minutes.size() > MINUTES_OF_DAY) {
      minutes.removeFirst();
    }
  }

  private double growthPercent() {
    if (minutes.size() < 2 * MEDIAN_OF) {
      return 0;
    }
    long[] all = minutes.stream().mapToLong(Long::longValue).toArray();
    double before = median(Arrays.copyOfRange(all, 0, MEDIAN_OF));
    double now = median(Arrays.copyOfRange(all, all.length - MEDIAN_OF, all.length));
    return before == 0 ? 0 : (now - before) / before * PERCENT;
  }

  private static double median(long[] values) {
    Arrays.sort(values);
    return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2.0;
  }

  /** The followed report's objective: less than 5 % within a day. */
  Standing standing(Reading now) {
    boolean isFew = minutes.size() < 2 * MEDIAN_OF;
    double growth = growthPercent();
    return new Standing(
        "memory-growth",
        "memory",
        "percent",
        MAX_GROWTH_PERCENT,
        growth,
        now.ofMinutes(),
        "24h",
        isFew ? 1 : 1 - Math.max(0, growth) / MAX_GROWTH_PERCENT,
        isFew ? State.NO_DATA : growth <= MAX_GROWTH_PERCENT ? State.MET : State.BREACHED);
  }
}
