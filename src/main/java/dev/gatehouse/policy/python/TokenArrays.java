package dev.gatehouse.policy.python;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of numbers that a text and its tokens are written to. Each thread keeps one set for
 * the next text, wiped, so that ordinary texts are read in memory that the processor has at hand.
 * At most 300 kB a thread. They hold no references: one that is written to an old object costs the
 * collector's barrier.
 */
final class TokenArrays {
  /** Longer texts get arrays of their own. */
  private static final int LONGEST = 1 << 14;

  private static final ThreadLocal<@Nullable TokenArrays> SPARE = new ThreadLocal<>();

  final char[] chars;

  /** Kind, start and end of each token. */
  int[] data;

  private TokenArrays(int length, int tokens) {
    this.chars = new char[length];
    this.data = new int[3 * tokens];
  }

  /** Arrays for a text of so many characters; nobody else uses them until they are given back. */
  static TokenArrays take(int length, int tokens) {
    TokenArrays spare = SPARE.get();
    if (spare == null || spare.chars.length < length || spare.data.length < 3 * tokens) {
      return new TokenArrays(length, tokens);
    }
    SPARE.set(null);
    return spare;
  }

  /** Wipes what a text of so many characters has written. */
  void giveBack(int length, int tokens) {
    if (length <= LONGEST) {
      Arrays.fill(chars, 0, length, '\0');
      Arrays.fill(data, 0, 3 * tokens, 0);
      SPARE.set(this);
    }
  }
}
