package dev.gatehouse.policy.shell;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes what {@code rev}, {@code tr}, {@code cut} and {@code sed} make of a text; null where
 * that is not plain.
 */
final class TextFilters {
  private TextFilters() {}

  static @Nullable String rev(@Nullable String text) {
    if (text == null || text.indexOf(Word.HOLE) >= 0) {
      return null;
    }
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      int to = end < 0 ? text.length() : end;
      for (int i = to - 1; i >= at; i--) {
        out.append(text.charAt(i));
      }
      if (end >= 0) {
        out.append('\n');
      }
      at = to + 1;
    }
    return out.toString();
  }

  static @Nullable String tr(List<Word> words, @Nullable String text) {
    if (text == null || words.isEmpty() || words.size() > 3) {
      return null;
    }
    boolean delete = words.get(0).value().startsWith("-d");
    boolean squeeze = words.get(0).value().startsWith("-s");
    if (words.get(0).isFlag() && !delete && !squeeze) {
      return null;
    }
    String from = set(delete || squeeze ? wordOf(words, 1) : wordOf(words, 0));
    String to = delete ? "" : set(squeeze ? wordOf(words, 2) : wordOf(words, 1));
    if (from == null || to == null || squeeze) {
      return null;
    }
    char[] map = new char[256];
    boolean[] drop = new boolean[256];
    for (char c = 0; c < 256; c++) {
      map[c] = c;
    }
    for (int i = 0; i < from.length(); i++) {
      char c = from.charAt(i);
      if (c >= 256) {
        continue;
      }
      if (delete) {
        drop[c] = true;
      } else if (!to.isEmpty()) {
        map[c] = to.charAt(Math.min(i, to.length() - 1));
      }
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 256) {
        out.append(c);
      } else if (!drop[c]) {
        out.append(map[c]);
      }
    }
    return out.toString();
  }

  private static String wordOf(List<Word> words, int index) {
    return index < words.size() ? words.get(index).value() : "";
  }

  /** The characters of a set of tr: ranges, escapes and the common classes. */
  private static @Nullable String set(String text) {
    String plain =
        Escapes.decode(text)
            .replace("[:lower:]", "a-z")
            .replace("[:upper:]", "A-Z")
            .replace("[:digit:]", "0-9")
            .replace("[:space:]", " \t\n")
            .replace("[:blank:]", " \t");
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      if (i + 2 < plain.length() && plain.charAt(i + 1) == '-') {
        char last = plain.charAt(i + 2);
        if (last < c || last > 255) {
          return null;
        }
        for (char k = c; k <= last; k++) {
          out.append(k);
        }
        i += 2;
      } else {
        out.append(c);
      }
      if (out.length() > 1024) {
        return null;
      }
    }
    return out.toString();
  }

  /** {@code cut -c 1-3}, for a single line. */
  static @Nullable String cut(List<Word> words, @Nullable String text) {
    if (text == null || words.isEmpty() || !words.get(0).value().startsWith("-c")) {
      return null;
    }
    String range =
        words.get(0).value().length() > 2 ? words.get(0).value().substring(2) : wordOf(words, 1);
    int dash = range.indexOf('-');
    int length = text.endsWith("\n") ? text.length() - 1 : text.length();
    if ((text.indexOf('\n') >= 0 && text.indexOf('\n') < length) || range.length() > 8) {
      return null;
    }
    int from = number(dash < 0 ? range : range.substring(0, dash), 1);
    int to = dash < 0 ? from : number(range.substring(dash + 1), length);
    if (from < 1 || to < 0) {
      return null;
    }
    int start = Math.min(from - 1, length);
    return text.substring(start, Math.max(start, Math.min(to, length))) + "\n";
  }

  private static int number(String text, int otherwise) {
    if (text.isEmpty()) {
      return otherwise;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = Math.min(1_000_000, value * 10 + c - '0');
    }
    return value;
  }

  /** {@code sed s/a/b/g} without patterns. */
  static @Nullable String sed(List<Word> words, @Nullable String text) {
    if (text == null || words.isEmpty()) {
      return null;
    }
    String script = words.get(words.size() - 1).value();
    if (script.length() < 4 || script.charAt(0) != 's') {
      return null;
    }
    String[] parts =
        script.substring(2).split(java.util.regex.Pattern.quote(script.substring(1, 2)), -1);
    if (parts.length != 3 || parts[0].isEmpty()) {
      return null;
    }
    for (int i = 0; i < parts[0].length(); i++) {
      if ("\\^$.*[]+?(){}|".indexOf(parts[0].charAt(i)) >= 0) {
        return null;
      }
    }
    if (parts[1].indexOf('&') >= 0 || parts[1].indexOf('\\') >= 0 || parts[1].length() > 64) {
      return null;
    }
    if (parts[2].indexOf('g') >= 0) {
      return text.replace(parts[0], parts[1]);
    }
    int at = text.indexOf(parts[0]);
    return at < 0 || text.indexOf('\n') < text.length() - 1
        ? null
        : text.substring(0, at) + parts[1] + text.substring(at + parts[0].length());
  }
}
