package dev.gatehouse.sandbox;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox as its user sees it.
 *
 * @param runtime the engine's runtime that isolates it
 * @param warm whether it stood ready when it was asked for
 * @param expiresAt when it is destroyed at the latest
 * @param allow where it may go; null if it has no network
 */
public record SandboxInfo(
    String id,
    Owner owner,
    String runtime,
    String image,
    boolean warm,
    Instant createdAt,
    Instant expiresAt,
    @Nullable List<String> allow) {

  /** The word by which policy knows what it is connected to. */
  public String network() {
    return network(allow != null);
  }

  /** As {@link #network()}, of a sandbox that does not exist yet. */
  public static String network(boolean egress) {
    return egress ? "egress" : "none";
  }

  /** Fails as SEALED if it has no network. */
  public void checkNetwork() {
    if (allow == null) {
      throw new SandboxException(
          SandboxException.Kind.SEALED,
          "the sandbox was made without network: make one with network");
    }
  }

  SandboxInfo withAllow(List<String> list) {
    return new SandboxInfo(id, owner, runtime, image, warm, createdAt, expiresAt, list);
  }
}
