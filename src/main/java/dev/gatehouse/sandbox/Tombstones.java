package dev.gatehouse.sandbox;

import java.util.LinkedHashMap;
import java.util.Map;

/** What is remembered of the last sandboxes that ended. Confined to the sandbox loop. */
final class Tombstones {
  private static final int MAX_TOMBSTONES = 10_000;

  /** One that ended. */
  private record Tombstone(Owner owner, Ending ending, String text) {}

  private final Map<String, Tombstone> stones =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tombstone> eldest) {
          return size() > MAX_TOMBSTONES;
        }
      };

  void put(String id, Owner owner, Ending ending, String text) {
    stones.put(id, new Tombstone(owner, ending, text));
  }

  /** Why there is no such sandbox: it ended, or there never was one that the claim reaches. */
  SandboxException why(String id, Claim claim) {
    Tombstone stone = stones.get(id);
    return stone == null || !claim.matches(stone.owner())
        ? new SandboxException(SandboxException.Kind.NOT_FOUND, "there is no such sandbox")
        : SandboxException.ended(stone.ending(), stone.text());
  }
}
