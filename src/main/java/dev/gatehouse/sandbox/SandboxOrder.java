package dev.gatehouse.sandbox;

import java.util.Map;

/**
 * A sandbox that somebody wants.
 *
 * @param profile the name of a configured profile
 * @param ttlSeconds how long it lives at most
 * @param idleSeconds how long it lives without being used; 0 for no limit
 * @param labels what its user wants to find it by
 */
public record SandboxOrder(
    Owner owner, String profile, long ttlSeconds, long idleSeconds, Map<String, String> labels) {
  public SandboxOrder {
    labels = Map.copyOf(labels);
  }

  /** One that nobody looks for, and that ends at the end of its time only. */
  public static SandboxOrder plain(Owner owner, String profile, long ttlSeconds) {
    return new SandboxOrder(owner, profile, ttlSeconds, 0, Map.of());
  }
}
