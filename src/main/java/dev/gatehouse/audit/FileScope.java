package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an exported file says that it has: everything up to a moment, or of some chains the rows up
 * to one. A checkpoint that was kept elsewhere tells something about the file only within that. A
 * file that says nothing is taken for everything there is. Confined to one thread.
 */
final class FileScope {
  private final Map<Long, Long> ends = new HashMap<>();
  private @Nullable Instant wholeAt;

  /** The file has all of the log as it was then. */
  void whole(Instant at) {
    wholeAt = at;
  }

  /** The file has rows of this chain, up to this one. */
  void ends(long chain, long last) {
    ends.put(chain, last);
  }

  /** Whether the row of a checkpoint should be in the file. */
  boolean holds(Checkpoint checkpoint) {
    if (wholeAt != null) {
      return !checkpoint.madeAt().isAfter(wholeAt);
    }
    Long last = ends.get(checkpoint.chain());
    return ends.isEmpty() || (last != null && checkpoint.size() <= last);
  }
}
