package dev.gatehouse.sandbox;

/**
 * The sandboxes at one moment.
 *
 * @param leased in somebody's hands
 * @param ready started and waiting
 * @param starting being started
 * @param removing ended, and not yet gone from the engine
 * @param waiting callers in line for one
 * @param hits callers since the start who found one ready
 * @param misses callers since the start who had to wait for one
 * @param engine whether the engine answered when last asked
 */
public record PoolGauges(
    int leased,
    int ready,
    int starting,
    int removing,
    int waiting,
    long hits,
    long misses,
    boolean engine) {}
