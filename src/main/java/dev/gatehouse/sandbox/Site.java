package dev.gatehouse.sandbox;

import java.util.List;

/**
 * Where a sandbox is put.
 *
 * @param network the engine's name for the network
 * @param environment the container's own, as {@code NAME=value}; it may hold secrets
 */
record Site(String network, List<String> environment) {
  private static final String NO_NETWORK = "none";

  /** Where nobody is reached. */
  static final Site SEALED = new Site(NO_NETWORK, List.of());

  boolean isSealed() {
    return network.equals(NO_NETWORK);
  }

  /** Without the environment. */
  @Override
  public String toString() {
    return network;
  }
}
