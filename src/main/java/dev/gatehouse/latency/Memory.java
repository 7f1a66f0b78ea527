package dev.gatehouse.latency;

import dev.gatehouse.latency.Standing.State;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * What this process holds, once a second, and how much more that is than a day ago. Confined to the
 * sampler's thread; nothing here blocks.
 */
public final class Memory {
  private static final int MINUTE = 60;
  private static final int HOUR_MINUTES = 60;
  private static final int MINUTES_OF_DAY = 24 * HOUR_MINUTES;

  /** A beginning and an end are each the median of so many minutes. */
  private static final int MEDIAN_OF = 10;

  private static final double MAX_GROWTH_PERCENT = 5;
  private static final double PERCENT = 100;
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final long PAGE_BYTES = 4096;

  /** The live heap at the end of each of the last day's minutes, oldest first. */
  private final Deque<Long> minutes = new ArrayDeque<>();

  private long samples;

  Memory() {}

  /**
   * One reading, in bytes.
   *
   * @param liveHeap what was left of the heap by the last collection of each of its pools; 0 until
   *     the old objects were collected once, because nobody knows before which of them live
   * @param usedHeap the heap with what is garbage by now
   * @param direct buffers outside of the heap
   * @param resident what the system has given the process in memory, all of it; 0 where it does not
   *     tell
   * @param growthPercent of the live heap within the last day, or since it is known; 0 within the
   *     first {@value #MEDIAN_OF} minutes twice over
   * @param growthAnHour the same in bytes within the last hour
   * @param ofMinutes for how long the live heap is known, a day at most
   */
  public record Reading(
      long liveHeap,
      long usedHeap,
      long direct,
      long resident,
      double growthPercent,
      long growthAnHour,
      int ofMinutes) {}

  Reading read() {
    long live = 0;
    long used = 0;
    boolean isOldKnown = false;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        MemoryUsage left = pool.getCollectionUsage();
        long of = left == null ? 0 : left.getUsed();
        live += of;
        used += pool.getUsage().getUsed();
        isOldKnown |= of > 0 && isOld(pool);
      }
    }
    live = isOldKnown ? live : 0;
    if (++samples % MINUTE == 0 && isOldKnown) {
      keep(live);
    }
    return new Reading(
        live, used, direct(), resident(), growthPercent(), growthAnHour(), minutes.size());
  }

  /** A collection of the young leaves what it moved there, and says nothing of what is garbage. */
  private static boolean isOld(MemoryPoolMXBean pool) {
    return pool.getName().contains("Old") || pool.getName().contains("Tenured");
  }

  /** The JDK's and Netty's own, which the JDK does not count; not what is mapped from files. */
  private static long direct() {
    return Math.max(0, PlatformDependent.usedDirectMemory())
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(pool -> Math.max(0, pool.getMemoryUsed()))
            .sum();
  }

  /** The file is the kernel's answer, from memory. */
  private static long resident() {
    try {
      String[] pages = Files.readString(STATM).split(" ", 3);
      return Long.parseLong(pages[1]) * PAGE_BYTES;
    } catch (IOException | RuntimeException unknown) {
      return 0;
    }
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

  /** Of the last hour, or of as much of it as there is, taken to an hour. */
  private long growthAnHour() {
    if (minutes.size() < 2 * MEDIAN_OF) {
      return 0;
    }
    long[] all = minutes.stream().mapToLong(Long::longValue).toArray();
    long[] hour = Arrays.copyOfRange(all, Math.max(0, all.length - HOUR_MINUTES), all.length);
    double before = median(Arrays.copyOfRange(hour, 0, MEDIAN_OF));
    double now = median(Arrays.copyOfRange(hour, hour.length - MEDIAN_OF, hour.length));
    return Math.round((now - before) * HOUR_MINUTES / (hour.length - MEDIAN_OF));
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
