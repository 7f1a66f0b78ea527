package dev.gatehouse.sandbox;

/**
 * The sandboxes at one moment.
 *
 * @param leased in somebody's hands
 * @param ready started and waiting
 * @param starting being started
 * @param engine whether the engine answered when last asked
 */
public record PoolGauges(int leased, int ready, int starting, boolean engine) {}
