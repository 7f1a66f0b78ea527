package dev.gatehouse.sandbox;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which sandboxes are looked for.
 *
 * @param state null for any
 * @param profile null for any
 * @param labels all of these a sandbox must have
 * @param after the last one of the page before; null for the first page
 * @param limit the most that one page has
 */
public record SandboxQuery(
    Claim claim,
    SandboxInfo.@Nullable State state,
    @Nullable String profile,
    Map<String, String> labels,
    @Nullable Place after,
    int limit) {
  public SandboxQuery {
    labels = Map.copyOf(labels);
  }

  /** Where a sandbox stands among all: in the order in which they were handed out. */
  public record Place(Instant createdAt, String id) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::createdAt).thenComparing(Place::id);

    static Place of(SandboxInfo sandbox) {
      return new Place(sandbox.createdAt(), sandbox.id());
    }

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * Some of them, oldest first.
   *
   * @param next the place to go on after; null if these are the last
   */
  public record Page(List<SandboxInfo> sandboxes, @Nullable Place next) {}

  boolean matches(SandboxInfo sandbox) {
    return claim.matches(sandbox.owner())
        && (state == null || state == sandbox.state())
        && (profile == null || profile.equals(sandbox.profile()))
        && sandbox.labels().entrySet().containsAll(labels.entrySet())
        && (after == null || Place.of(sandbox).compareTo(after) > 0);
  }
}
