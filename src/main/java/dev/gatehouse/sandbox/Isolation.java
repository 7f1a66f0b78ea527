package dev.gatehouse.sandbox;

/**
 * What separates a sandbox from the host.
 *
 * @param runtime the engine's name for the runtime
 * @param gvisor whether the kernel inside was seen to be gVisor's; if not, isolation is weaker
 */
public record Isolation(String runtime, boolean gvisor) {
  private static final String RUNC = "runc";

  /** The gVisor that uses its container's network instead of one of its own. */
  private static final String GVISOR_WITH_NETWORK = "runsc-egress";

  /** The engine's name for the runtime of sandboxes with network. */
  public String egressRuntime() {
    return egressRuntime(runtime);
  }

  static String egressRuntime(String sealed) {
    return sealed.equals(RUNC) ? RUNC : GVISOR_WITH_NETWORK;
  }
}
