package dev.gatehouse.policy.python;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The arrays that tokens are written to. Each thread keeps one set for the next text, wiped, so
 * that ordinary texts are read in memory that the processor has at hand. At most 400 kB a thread.
 */
final class TokenArrays {
  /** Longer texts get arrays of their own. */
  private static final int LONGEST = 1 << 14;

  private static final ThreadLocal<@Nullable TokenArrays> SPARE = new ThreadLocal<>();

  char[] chars;

  /** Kind, start and end of each token. */
  int[] data;

  /** Of each token that is a name what it stands for if nothing else is known of it. */
  @Nullable PythonValue[] names;

  private TokenArrays(int length, int tokens) {
    this.chars = new char[length];
    this.data = new int[3 * tokens];
    this.names = new @Nullable PythonValue[tokens];
  }

  /** Arrays for a text of so many characters; nobody else uses them until they are given back. */
  static TokenArrays take(int length, int mostTokens) {
    int tokens = Math.min(16 + length / 3, mostTokens);
    TokenArrays spare = SPARE.get();
    if (spare == null || spare.chars.length < length || spare.names.length < tokens) {
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
      Arrays.fill(names, 0, tokens, null);
      SPARE.set(this);
    }
  }

  void grow() {
    names = Arrays.copyOf(names, 2 * names.length);
    data = Arrays.copyOf(data, 3 * names.length);
  }
}
