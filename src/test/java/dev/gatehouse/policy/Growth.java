package dev.gatehouse.policy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * How the time that something takes grows with the size of what it is given. Counted is the
 * processor time of the calling thread: what other threads and processes do does not count, nor
 * what the JIT and the garbage collector do in theirs.
 */
final class Growth {
  /** The two sizes take turns, so that a machine that becomes slower slows both. */
  private static final int ROUNDS = 9;

  /** What still disturbs (caches, a clock that is slowed down) does not do so every time. */
  private static final int ATTEMPTS = 6;

  /** Nor for so long: what is quick is tried until the JIT is done with it. */
  private static final long ATTEMPTED_NANOS = 2_000_000_000;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private Growth() {}

  /**
   * How many times as long something of twice the size takes: the first figure that is at most
   * {@code enough}, or else the least of several. Each is the ratio of two medians.
   *
   * @param work what is done with a size; what it prepares does not count
   */
  static double ofDoubling(IntFunction<Runnable> work, int size, double enough) {
    Runnable one = work.apply(size);
    Runnable two = work.apply(2 * size);
    double least = Double.MAX_VALUE;
    long start = THREADS.getCurrentThreadCpuTime();
    for (int i = 0;
        least > enough
            && (i < ATTEMPTS || THREADS.getCurrentThreadCpuTime() - start < ATTEMPTED_NANOS);
        i++) {
      least = Math.min(least, ratio(one, two));
    }
    return least;
  }

  /** The median of the processor time that something takes, in nanoseconds. */
  static long medianNanos(Runnable work, int rounds) {
    long[] nanos = new long[rounds];
    Arrays.setAll(nanos, _ -> nanos(work));
    return median(nanos);
  }

  private static double ratio(Runnable one, Runnable two) {
    long[] nanosOfOne = new long[ROUNDS];
    long[] nanosOfTwo = new long[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      nanosOfOne[i] = nanos(one);
      nanosOfTwo[i] = nanos(two);
    }
    return (double) median(nanosOfTwo) / median(nanosOfOne);
  }

  private static long median(long[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static long nanos(Runnable work) {
    long start = THREADS.getCurrentThreadCpuTime();
    work.run();
    return THREADS.getCurrentThreadCpuTime() - start;
  }
}
