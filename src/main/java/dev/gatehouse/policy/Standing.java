package dev.gatehouse.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which version of the policy is active, and how it came to be.
 *
 * @param active digest of the active version
 * @param files digest of what the folder of policy files held when it was last taken over
 * @param before digests that were active before, the latest last; what a roll-back goes through
 * @param versions digests of every version that can be activated, oldest first
 */
record Standing(String active, String files, List<String> before, List<String> versions) {
  Standing {
    before = List.copyOf(before);
    versions = List.copyOf(versions);
    if (!versions.contains(active)) {
      throw new IllegalArgumentException("the active version " + active + " is not among them");
    }
  }

  /** The version that was active before the active one, or null. */
  @Nullable String previous() {
    return before.isEmpty() ? null : before.getLast();
  }
}
