package dev.gatehouse.audit.proof;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Merkle trees in the shape of RFC 6962: leaves and nodes are hashed under different prefixes, and
 * proofs are those of its section 2.1. Leaves are numbered from 0. Confined to one thread.
 */
public final class Merkle {
  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final MessageDigest digest;

  public Merkle() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The hash of a leaf. */
  public byte[] leaf(byte[] entry) {
    digest.update(LEAF);
    return digest.digest(entry);
  }

  byte[] node(byte[] left, byte[] right) {
    digest.update(NODE);
    digest.update(left);
    return digest.digest(right);
  }

  /** The root of the tree of no leaf. */
  byte[] empty() {
    return digest.digest();
  }

  /** The root of the tree of these leaves. */
  public byte[] root(List<byte[]> leaves) {
    return switch (leaves.size()) {
      case 0 -> empty();
      case 1 -> leaves.get(0);
      default -> {
        int split = split(leaves.size());
        yield node(root(leaves.subList(0, split)), root(leaves.subList(split, leaves.size())));
      }
    };
  }

  /** Proves that the leaf of that number is in the tree of these leaves. */
  public List<byte[]> inclusion(int leaf, List<byte[]> leaves) {
    if (leaves.size() <= 1) {
      return new ArrayList<>();
    }
    int split = split(leaves.size());
    List<byte[]> left = leaves.subList(0, split);
    List<byte[]> right = leaves.subList(split, leaves.size());
    List<byte[]> path = leaf < split ? inclusion(leaf, left) : inclusion(leaf - split, right);
    path.add(root(leaf < split ? right : left));
    return path;
  }

  /** Proves that the tree of the first {@code old} leaves is a beginning of this one. */
  public List<byte[]> consistency(int old, List<byte[]> leaves) {
    return old == 0 ? new ArrayList<>() : subproof(old, leaves, true);
  }

  private List<byte[]> subproof(int old, List<byte[]> leaves, boolean known) {
    if (old == leaves.size()) {
      return known ? new ArrayList<>() : new ArrayList<>(List.of(root(leaves)));
    }
    int split = split(leaves.size());
    List<byte[]> left = leaves.subList(0, split);
    List<byte[]> right = leaves.subList(split, leaves.size());
    List<byte[]> path;
    if (old <= split) {
      path = subproof(old, left, known);
      path.add(root(right));
    } else {
      path = subproof(old - split, right, false);
      path.add(root(left));
    }
    return path;
  }

  /** Whether a proof shows that a leaf is in the tree of that size and root. */
  public boolean includes(long leaf, byte[] leafHash, long size, byte[] root, List<byte[]> proof) {
    if (leaf < 0 || leaf >= size) {
      return false;
    }
    long at = leaf;
    long last = size - 1;
    byte[] hash = leafHash;
    for (byte[] step : proof) {
      if (last == 0) {
        return false;
      }
      if ((at & 1) == 1 || at == last) {
        hash = node(step, hash);
        int up = (at & 1) == 1 ? 0 : Long.numberOfTrailingZeros(at);
        at >>= up;
        last >>= up;
      } else {
        hash = node(hash, step);
      }
      at >>= 1;
      last >>= 1;
    }
    return last == 0 && Arrays.equals(hash, root);
  }

  /** Whether a proof shows that the first tree is a beginning of the second. */
  public boolean extend(
      long oldSize, byte[] oldRoot, long newSize, byte[] newRoot, List<byte[]> proof) {
    if (oldSize > newSize || oldSize < 0) {
      return false;
    }
    if (oldSize == newSize) {
      return proof.isEmpty() && Arrays.equals(oldRoot, newRoot);
    }
    if (oldSize == 0) {
      return proof.isEmpty() && Arrays.equals(oldRoot, empty());
    }
    List<byte[]> path = new ArrayList<>(proof);
    if (Long.bitCount(oldSize) == 1) {
      path.add(0, oldRoot);
    }
    return !path.isEmpty() && climbs(oldSize, oldRoot, newSize, newRoot, path);
  }

  private boolean climbs(
      long oldSize, byte[] oldRoot, long newSize, byte[] newRoot, List<byte[]> path) {
    int up = Long.numberOfTrailingZeros(oldSize);
    long at = (oldSize - 1) >> up;
    long last = (newSize - 1) >> up;
    byte[] oldHash = path.get(0);
    byte[] newHash = path.get(0);
    for (byte[] step : path.subList(1, path.size())) {
      if (last == 0) {
        return false;
      }
      if ((at & 1) == 1 || at == last) {
        oldHash = node(step, oldHash);
        newHash = node(step, newHash);
        int skip = (at & 1) == 1 ? 0 : Long.numberOfTrailingZeros(at);
        at >>= skip;
        last >>= skip;
      } else {
        newHash = node(newHash, step);
      }
      at >>= 1;
      last >>= 1;
    }
    return last == 0 && Arrays.equals(oldHash, oldRoot) && Arrays.equals(newHash, newRoot);
  }

  /** The largest power of two below {@code size}. */
  private static int split(int size) {
    return Integer.highestOneBit(size - 1);
  }
}
