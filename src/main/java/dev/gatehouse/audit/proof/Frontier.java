package dev.gatehouse.audit.proof;

import java.util.ArrayList;
import java.util.List;

/**
 * A Merkle tree that only grows, reduced to what its root needs: the roots of its whole subtrees,
 * largest first, one for each bit of its size. Confined to one thread.
 */
public final class Frontier {
  private static final int HASH_BYTES = 32;

  private final Merkle merkle = new Merkle();
  private final List<byte[]> subtrees;
  private long size;

  /** The empty tree. */
  public Frontier() {
    this(0, List.of());
  }

  private Frontier(long size, List<byte[]> subtrees) {
    this.size = size;
    this.subtrees = new ArrayList<>(subtrees);
  }

  /**
   * A tree as {@link #encoded} gave it.
   *
   * @throws IllegalArgumentException if that is no tree of this size
   */
  public static Frontier of(long size, byte[] encoded) {
    if (size < 0 || encoded.length != Long.bitCount(size) * HASH_BYTES) {
      throw new IllegalArgumentException(
          encoded.length + " bytes are no tree of " + size + " leaves");
    }
    List<byte[]> subtrees = new ArrayList<>();
    for (int at = 0; at < encoded.length; at += HASH_BYTES) {
      subtrees.add(java.util.Arrays.copyOfRange(encoded, at, at + HASH_BYTES));
    }
    return new Frontier(size, subtrees);
  }

  /** Adds a leaf. Hot path: two hashes a leaf on average. */
  public void add(byte[] entry) {
    byte[] hash = merkle.leaf(entry);
    for (long bits = size; (bits & 1) == 1; bits >>= 1) {
      hash = merkle.node(subtrees.removeLast(), hash);
    }
    subtrees.add(hash);
    size++;
  }

  public long size() {
    return size;
  }

  /** The tree's root. */
  public byte[] root() {
    if (subtrees.isEmpty()) {
      return merkle.empty();
    }
    byte[] root = subtrees.getLast();
    for (int i = subtrees.size() - 2; i >= 0; i--) {
      root = merkle.node(subtrees.get(i), root);
    }
    return root;
  }

  /** The subtrees' roots, one after another. */
  public byte[] encoded() {
    byte[] encoded = new byte[subtrees.size() * HASH_BYTES];
    for (int i = 0; i < subtrees.size(); i++) {
      System.arraycopy(subtrees.get(i), 0, encoded, i * HASH_BYTES, HASH_BYTES);
    }
    return encoded;
  }
}
