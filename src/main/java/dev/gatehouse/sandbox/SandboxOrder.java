package dev.gatehouse.sandbox;

import dev.gatehouse.sandbox.egress.AllowList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox that somebody wants.
 *
 * @param profile the name of a configured profile
 * @param ttlSeconds how long it lives at most
 * @param idleSeconds how long it lives without being used; 0 for no limit
 * @param labels what its user wants to find it by
 * @param network where it may go at first; null for a sandbox without network
 */
public record SandboxOrder(
    Owner owner,
    String profile,
    long ttlSeconds,
    long idleSeconds,
    Map<String, String> labels,
    @Nullable AllowList network) {
  public SandboxOrder {
    labels = Map.copyOf(labels);
  }

  /** One that nobody looks for, and that ends at the end of its time only. */
  public static SandboxOrder oneShot(
      Owner owner, String profile, long ttlSeconds, @Nullable AllowList network) {
    return new SandboxOrder(owner, profile, ttlSeconds, 0, Map.of(), network);
  }
}
