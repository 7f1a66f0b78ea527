package dev.gatehouse.policy.match;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds all of many words in one pass over a text: an Aho-Corasick automaton in one flat table.
 * ASCII letters match in either case. Immutable and safe for any thread.
 *
 * <p>Time is linear in the text and does not depend on the number of words; the table takes two to
 * four bytes for each state and each distinct character.
 */
public final class Keywords {
  private static final int ASCII = 128;
  private static final int[] NONE = {};

  /** A text is read at so many places at once: one step waits for the one before, lanes do not. */
  private static final int LANES = 4;

  /** Class of an ASCII character; 0 is a character that no word contains. */
  private final byte[] classes;

  /**
   * The place in this table of the row of the next state, by the row of a state and the class of a
   * character; its complement if words end in the next state.
   */
  private final int[] next;

  private final int width;

  /** Ids of the words that end in a state, those of its suffixes included; NONE for none. */
  private final int[][] ending;

  private final int size;

  /** How many characters of a word can stand in front of its last. */
  private final int overlap;

  private Keywords(byte[] classes, int width, int[] next, int[][] ending, int size, int overlap) {
    this.classes = classes;
    this.width = width;
    this.next = next;
    this.ending = ending;
    this.size = size;
    this.overlap = overlap;
  }

  /**
   * Builds the automaton; the id of a word is its place in the list.
   *
   * @throws IllegalArgumentException if a word is empty or not ASCII
   */
  public static Keywords of(List<String> words) {
    byte[] classes = new byte[ASCII];
    int width = 1;
    for (String word : words) {
      if (!indexable(word)) {
        throw new IllegalArgumentException("'" + word + "' is not a non-empty ASCII word");
      }
      for (int i = 0; i < word.length(); i++) {
        int c = fold(word.charAt(i));
        if (classes[c] == 0) {
          classes[c] = (byte) width++;
          if (c >= 'a' && c <= 'z') {
            classes[c - 32] = classes[c];
          }
        }
      }
    }
    return new Builder(classes, width).build(words);
  }

  /** Whether {@code word} can be in the automaton: ASCII, at least one character. */
  public static boolean indexable(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (word.charAt(i) >= ASCII) {
        return false;
      }
    }
    return !word.isEmpty();
  }

  /** How many words there are. */
  public int size() {
    return size;
  }

  /**
   * Sets the bit of every word that occurs in {@code text}. Hot path.
   *
   * @param found at least {@link #size} bits; bits of other words are left as they are
   */
  public void find(String text, long[] found) {
    int length = text.length();
    if (length > 2 * LANES * (overlap + 1)) {
      findInLanes(text.toCharArray(), (length - overlap + LANES - 1) / LANES, found);
      return;
    }
    int row = 0;
    for (int i = 0; i < length; i++) {
      row = step(row, text.charAt(i));
      if (row < 0) {
        row = found(row, found);
      }
    }
  }

  /**
   * The same in lanes: each finds the words that start in its {@code stride} characters. The last
   * one starts early enough to end with the text.
   */
  private void findInLanes(char[] text, int stride, long[] found) {
    int steps = stride + overlap;
    int last = text.length - steps;
    int a = 0;
    int b = 0;
    int c = 0;
    int d = 0;
    for (int i = 0; i < steps; i++) {
      a = step(a, text[i]);
      b = step(b, text[stride + i]);
      c = step(c, text[2 * stride + i]);
      d = step(d, text[last + i]);
      if ((a | b | c | d) < 0) {
        a = a < 0 ? found(a, found) : a;
        b = b < 0 ? found(b, found) : b;
        c = c < 0 ? found(c, found) : c;
        d = d < 0 ? found(d, found) : d;
      }
    }
  }

  private int step(int row, char c) {
    return next[row + (c < ASCII ? classes[c] : 0)];
  }

  /** Notes the words that end here; the row to go on from. */
  private int found(int ending, long[] found) {
    int row = ~ending;
    for (int word : this.ending[row / width]) {
      found[word >> 6] |= 1L << word;
    }
    return row;
  }

  private static int fold(char c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }

  /** The trie while it grows. */
  private static final class Builder {
    private final byte[] classes;
    private final int width;
    private final List<int[]> rows = new ArrayList<>();
    private final Map<Integer, List<Integer>> words = new HashMap<>();

    Builder(byte[] classes, int width) {
      this.classes = classes;
      this.width = width;
      rows.add(new int[width]);
    }

    Keywords build(List<String> list) {
      for (int id = 0; id < list.size(); id++) {
        add(list.get(id).toLowerCase(Locale.ROOT), id);
      }
      int[][] ending = new int[rows.size()][];
      int[] fail = new int[rows.size()];
      ArrayDeque<Integer> queue = new ArrayDeque<>();
      queue.add(0);
      while (!queue.isEmpty()) {
        int state = queue.remove();
        int[] row = rows.get(state);
        int[] suffixes = state == 0 ? NONE : ending[fail[state]];
        ending[state] = joined(words.getOrDefault(state, List.of()), suffixes);
        for (int kind = 0; kind < width; kind++) {
          int child = row[kind];
          int fallback = state == 0 ? 0 : rows.get(fail[state])[kind];
          if (child > state) {
            fail[child] = state == 0 ? 0 : fallback;
            queue.add(child);
          } else {
            row[kind] = fallback;
          }
        }
      }
      int[] next = new int[rows.size() * width];
      for (int state = 0; state < rows.size(); state++) {
        for (int kind = 0; kind < width; kind++) {
          int to = rows.get(state)[kind];
          next[state * width + kind] = ending[to].length == 0 ? to * width : ~(to * width);
        }
      }
      int longest = list.stream().mapToInt(String::length).max().orElse(1);
      return new Keywords(classes, width, next, ending, list.size(), longest - 1);
    }

    /** A child's number is always above its parent's, so that a row tells children from links. */
    private void add(String word, int id) {
      int state = 0;
      for (int i = 0; i < word.length(); i++) {
        int kind = classes[word.charAt(i)];
        int[] row = rows.get(state);
        if (row[kind] == 0) {
          row[kind] = rows.size();
          rows.add(new int[width]);
        }
        state = row[kind];
      }
      words.computeIfAbsent(state, _ -> new ArrayList<>()).add(id);
    }

    private static int[] joined(List<Integer> own, int[] suffixes) {
      if (own.isEmpty()) {
        return suffixes;
      }
      int[] ids = own.stream().mapToInt(Integer::intValue).toArray();
      int[] all = Arrays.copyOf(ids, ids.length + suffixes.length);
      System.arraycopy(suffixes, 0, all, ids.length, suffixes.length);
      return all;
    }
  }
}
