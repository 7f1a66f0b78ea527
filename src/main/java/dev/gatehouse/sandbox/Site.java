package dev.gatehouse.sandbox;

import java.util.List;

/**
 * What a sandbox is put on.
 *
 * @param runtime the engine's name for the runtime
 * @param network the engine's name for the network
 * @param environment the container's own, as {@code NAME=value}; it may hold secrets
 */
record Site(String runtime, String network, List<String> environment) {
  private static final String NO_NETWORK = "none";

  static Site sealed(String runtime) {
    return new Site(runtime, NO_NETWORK, List.of());
  }

  boolean isSealed() {
    return network.equals(NO_NETWORK);
  }

  /** Without the environment. */
  @Override
  public String toString() {
    return runtime + " on " + network;
  }
}
