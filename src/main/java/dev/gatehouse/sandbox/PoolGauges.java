package dev.gatehouse.sandbox;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The sandboxes at one moment.
 *
 * @param leased in somebody's hands
 * @param ready started and waiting
 * @param starting being started
 * @param removing ended, and not yet gone from the engine
 * @param removed gone from the engine since the start
 * @param waiting callers in line for one
 * @param hits callers since the start who found one ready
 * @param misses callers since the start who had to wait for one
 * @param engine whether the engine answered when last asked
 * @param memoryMib memory that all of them together may use
 * @param memoryLimitMib the most that may be promised
 * @param pools the same profile by profile
 */
public record PoolGauges(
    int leased,
    int ready,
    int starting,
    int removing,
    long removed,
    int waiting,
    long hits,
    long misses,
    boolean engine,
    long memoryMib,
    long memoryLimitMib,
    List<OfPool> pools) {

  static final PoolGauges NONE = new PoolGauges(0, 0, 0, 0, 0, 0, 0, 0, true, 0, 0, List.of());

  /**
   * One pool.
   *
   * @param size how many should stand ready now
   * @param ready how many do
   * @param filling how many are being started
   * @param waits how many of those who missed were served
   * @param waitedNanos how long they had waited then, all together
   * @param waitMaxMicros the longest of these waits
   */
  public record OfPool(
      String profile,
      String image,
      String imageId,
      int size,
      int ready,
      int filling,
      int waiting,
      long hits,
      long misses,
      long waits,
      long waitedNanos,
      long waitMaxMicros) {

    /** The mean wait of those who missed and were served; 0 if there were none. */
    public long waitMeanMicros() {
      return waits == 0 ? 0 : TimeUnit.NANOSECONDS.toMicros(waitedNanos / waits);
    }
  }
}
