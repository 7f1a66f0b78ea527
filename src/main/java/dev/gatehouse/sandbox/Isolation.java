package dev.gatehouse.sandbox;

/**
 * What separates a sandbox from the host.
 *
 * @param runtime the engine's name for the runtime
 * @param gvisor whether the kernel inside was seen to be gVisor's; if not, isolation is weaker
 */
public record Isolation(String runtime, boolean gvisor) {}
