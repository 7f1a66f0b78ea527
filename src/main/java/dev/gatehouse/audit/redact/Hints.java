package dev.gatehouse.audit.redact;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Finds which of many short words a text has, whatever their case, in one pass: the first two
 * characters choose the few words that are compared. Words are ASCII, in small letters. Immutable.
 * Hot path.
 */
final class Hints {
  private static final int CHARS = 128;
  private static final int[] NONE = {};

  private final List<String> words;

  /** By the first two characters; words of one character stand under every second one. */
  private final int[][] byBeginning = new int[CHARS * CHARS][];

  Hints(List<String> words) {
    this.words = List.copyOf(words);
    List<List<Integer>> found = new ArrayList<>();
    for (int i = 0; i < CHARS * CHARS; i++) {
      found.add(new ArrayList<>());
    }
    for (int word = 0; word < words.size(); word++) {
      String text = words.get(word);
      for (int second = 0; second < CHARS; second++) {
        if (text.length() == 1 || text.charAt(1) == second) {
          found.get(text.charAt(0) * CHARS + second).add(word);
        }
      }
    }
    for (int i = 0; i < byBeginning.length; i++) {
      byBeginning[i] =
          found.get(i).isEmpty()
              ? NONE
              : found.get(i).stream().mapToInt(Integer::intValue).toArray();
    }
  }

  /** The numbers of the words that the text has. */
  BitSet in(CharSequence text) {
    BitSet found = new BitSet(words.size());
    int length = text.length();
    int first = length == 0 ? 0 : small(text.charAt(0));
    for (int i = 0; i < length; i++) {
      int second = i + 1 < length ? small(text.charAt(i + 1)) : 0;
      for (int word : byBeginning[first * CHARS + second]) {
        if (stands(words.get(word), text, i, length)) {
          found.set(word);
        }
      }
      first = second;
    }
    return found;
  }

  private static boolean stands(String word, CharSequence text, int at, int length) {
    if (word.length() > length - at) {
      return false;
    }
    // The first two characters chose the word.
    for (int i = 2; i < word.length(); i++) {
      if (small(text.charAt(at + i)) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** What is not ASCII is in no word. */
  private static int small(char c) {
    if (c >= CHARS) {
      return 0;
    }
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }
}
