package dev.gatehouse.audit.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * What a server signs about a chain: how long it is, its last hash, and the root of the Merkle tree
 * over the hashes of all its rows.
 *
 * @param frontier the tree as {@link Frontier#encoded} gives it; not signed, as the root follows
 *     from it
 * @param madeAt to the microsecond
 * @param key id of the key that signed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Checkpoint(
    long chain,
    long size,
    byte[] hash,
    byte[] root,
    byte[] frontier,
    Instant madeAt,
    String key,
    byte[] signature) {

  private static final byte[] DOMAIN =
      "gatehouse.audit.checkpoint.v1\0".getBytes(StandardCharsets.US_ASCII);

  /** The bytes that are signed. */
  static byte[] content(long chain, long size, byte[] hash, byte[] root, Instant madeAt) {
    return ByteBuffer.allocate(DOMAIN.length + 2 * 8 + hash.length + root.length + 2 * 8)
        .put(DOMAIN)
        .putLong(chain)
        .putLong(size)
        .put(hash)
        .put(root)
        .putLong(madeAt.getEpochSecond())
        .putLong(madeAt.getNano())
        .array();
  }

  /** Whether the frontier is that of a tree of this size and root. */
  public boolean frontierFits() {
    return frontier.length == 32 * Long.bitCount(size)
        && java.util.Arrays.equals(Frontier.of(size, frontier).root(), root);
  }
}
