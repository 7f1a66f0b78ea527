package dev.gatehouse.policy.shell;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The word that is being put together. After a brace expansion, or a variable with several possible
 * texts, it is several words at once.
 */
final class Pieces {
  private static final int MAX_PARTS = 128;

  private final Draft draft;
  private final @Nullable List<Word> out;
  private StringBuilder[] parts = {new StringBuilder()};
  private int count = 1;
  private int spanStart;
  boolean known = true;
  boolean quoted;
  boolean glob;

  /** Whether there is a word at all: quotes make one even if nothing is in it. */
  boolean any;

  /** Whether it is several words because a variable may hold several texts. */
  boolean alternatives;

  int firstInner = -1;
  int lastInner = -1;

  /**
   * @param out where finished words go; null where blanks do not separate words
   */
  Pieces(Draft draft, @Nullable List<Word> out, int spanStart) {
    this.draft = draft;
    this.out = out;
    this.spanStart = spanStart;
  }

  boolean splits() {
    return out != null;
  }

  void append(char c) {
    any = true;
    if (c == Word.HOLE) {
      known = false;
    }
    for (int i = 0; i < count; i++) {
      parts[i].append(c);
    }
    if (count > 1) {
      charge(count);
    }
  }

  void append(String text, int from, int to) {
    if (to <= from) {
      return;
    }
    any = true;
    if (known && text.indexOf(Word.HOLE, from, to) >= 0) {
      known = false;
    }
    for (int i = 0; i < count; i++) {
      parts[i].append(text, from, to);
    }
    if (count > 1) {
      charge(count * (to - from));
    }
  }

  void append(String text) {
    append(text, 0, text.length());
  }

  /**
   * Appends text that was not there before an expansion; nothing but a hole if the budget is used
   * up.
   */
  void appendExpanded(String text) {
    if (text.length() > 0 && !draft.charge(text.length())) {
      hole();
    } else {
      append(text, 0, text.length());
    }
  }

  void hole() {
    any = true;
    known = false;
    for (int i = 0; i < count; i++) {
      int length = parts[i].length();
      if (length == 0 || parts[i].charAt(length - 1) != Word.HOLE) {
        parts[i].append(Word.HOLE);
      }
    }
  }

  /** Appends each of the texts to a copy of the word so far. */
  void multiply(List<String> texts) {
    int width = texts.size();
    long size = 0;
    for (int i = 0; i < count; i++) {
      size += (long) parts[i].length() * width;
    }
    for (int i = 0; i < width; i++) {
      size += (long) texts.get(i).length() * count;
    }
    if ((long) count * width > MAX_PARTS
        || size > Integer.MAX_VALUE / 2
        || !draft.charge((int) size)) {
      draft.facts |= Bits.of(ShellFact.LIMIT_REACHED);
      count = 1;
      parts = new StringBuilder[] {parts[0]};
      hole();
      return;
    }
    any = true;
    StringBuilder[] product = new StringBuilder[count * width];
    int at = 0;
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < width; k++) {
        String text = texts.get(k);
        known &= text.indexOf(Word.HOLE) < 0;
        product[at++] = new StringBuilder(parts[i]).append(text);
      }
    }
    parts = product;
    count = at;
  }

  /** Appends unquoted expanded text: blanks in it end the word. */
  void split(String text) {
    if (out == null) {
      appendExpanded(text);
      return;
    }
    if (!draft.charge(text.length())) {
      hole();
      return;
    }
    String separators = draft.variables().separators();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ' ' || c == '\t' || c == '\n' || separators.indexOf(c) >= 0) {
        append(text, from, i);
        finish(-1, -1);
        from = i + 1;
      } else if (c == '*' || c == '?' || c == '[') {
        glob = true;
      }
    }
    append(text, from, text.length());
  }

  void inner(int first, int last) {
    if (last >= first && first >= 0) {
      firstInner = firstInner < 0 ? first : Math.min(first, firstInner);
      lastInner = Math.max(last, lastInner);
    }
  }

  /** Ends the word, if there is one, and starts the next at the same place. */
  void finish(int start, int end) {
    if (start >= 0) {
      spanStart = start;
    }
    if (!any || out == null) {
      return;
    }
    int spanEnd = end >= 0 ? end : spanStart;
    for (int i = 0; i < count; i++) {
      String value = parts[i].toString();
      boolean complete = known || value.indexOf(Word.HOLE) < 0;
      out.add(new Word(value, complete, quoted, glob, firstInner, lastInner, spanStart, spanEnd));
    }
    parts = new StringBuilder[] {new StringBuilder()};
    count = 1;
    any = false;
    known = true;
    glob = false;
    firstInner = -1;
    lastInner = -1;
  }

  /** The text of a word that cannot be several. */
  String text() {
    return parts[0].toString();
  }

  int count() {
    return count;
  }

  String text(int part) {
    return parts[part].toString();
  }

  /** Whether nothing was appended since the last word, or the last character is a blank. */
  boolean endsWithName() {
    int length = parts[0].length();
    return length > 0 && Character.isLetterOrDigit(parts[0].charAt(length - 1));
  }

  private void charge(int size) {
    if (!draft.charge(size) && count > 1) {
      count = 1;
      parts = new StringBuilder[] {parts[0]};
      hole();
    }
  }
}
