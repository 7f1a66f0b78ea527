package dev.gatehouse.sandbox;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox as its user sees it.
 *
 * @param profile the name of the profile it was made by
 * @param runtime the engine's runtime that isolates it
 * @param image the image's name
 * @param imageId the image's digest, as the engine knows it
 * @param warm whether it stood ready when it was asked for
 * @param createdAt when it was handed out, to the microsecond
 * @param expiresAt when it is destroyed at the latest
 * @param idleSeconds how long it lives without being used; 0 for no limit
 * @param allow where it may go; null if it has no network
 */
public record SandboxInfo(
    String id,
    Owner owner,
    String profile,
    String runtime,
    String image,
    String imageId,
    boolean warm,
    Map<String, String> labels,
    State state,
    Instant createdAt,
    Instant expiresAt,
    long idleSeconds,
    @Nullable List<String> allow) {

  /** What it does. */
  public enum State {
    RUNNING,
    /** It keeps its memory, gets no processor, and runs nothing; its time goes on. */
    PAUSED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<State> of(String word) {
      for (State state : values()) {
        if (state.word().equals(word)) {
          return Optional.of(state);
        }
      }
      return Optional.empty();
    }
  }

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
}
