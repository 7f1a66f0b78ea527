package dev.gatehouse.policy;

import dev.gatehouse.policy.shell.Language;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * PowerShell and cmd without what only disguises them: escapes before letters, quotes within words,
 * literals put together, and in cmd the variables that the text itself sets. Linear in the text.
 */
final class WindowsText {
  /** A value set by the text counts up to this length. */
  private static final int LONGEST_VALUE = 64;

  /** So many times the text is put in for variables; what follows is as it was. */
  private static final int MOST_GROWTH = 4;

  private WindowsText() {}

  /** The text without its disguises; itself if it has none. */
  static String plain(Language language, String text) {
    return language == Language.CMD
        ? expanded(withoutQuotesInWords(without('^', text)))
        : joined(without('`', text));
  }

  /** Without an escape sign wherever a letter, a digit or a dash is escaped. */
  private static String without(char escape, String text) {
    if (text.indexOf(escape) < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != escape || i + 1 >= text.length() || !isWord(text.charAt(i + 1))) {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private static String withoutQuotesInWords(String text) {
    if (text.indexOf('"') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      boolean inWord =
          i > 0 && i + 1 < text.length() && isInner(text, i - 1) && isInner(text, i + 1);
      if (text.charAt(i) != '"' || !inWord) {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }

  private static boolean isInner(String text, int at) {
    return isWord(text.charAt(at)) || text.charAt(at) == '"';
  }

  /** PowerShell's {@code 'a' + 'b'} as {@code 'ab'}. */
  private static String joined(String text) {
    if (text.indexOf('+') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      int next = c == '\'' || c == '"' ? opensAfterPlus(text, i) : -1;
      if (next < 0) {
        plain.append(c);
        i++;
      } else {
        i = next;
      }
    }
    return plain.toString();
  }

  /** Behind the quote that follows a plus behind the quote at {@code at}; -1 if none does. */
  private static int opensAfterPlus(String text, int at) {
    int plus = afterBlanks(text, at + 1);
    if (plus >= text.length() || text.charAt(plus) != '+') {
      return -1;
    }
    int quote = afterBlanks(text, plus + 1);
    return quote < text.length() && text.charAt(quote) == text.charAt(at) ? quote + 1 : -1;
  }

  private static int afterBlanks(String text, int from) {
    int at = from;
    while (at < text.length() && at - from < 16 && text.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  /** With the values of {@code set a=x} in place of {@code %a%} and {@code !a!}. */
  private static String expanded(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('!') < 0) {
      return text;
    }
    Map<String, String> values = new HashMap<>();
    StringBuilder plain = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      int end = c == '%' || c == '!' ? endOfName(text, i + 1, c) : -1;
      String value = end < 0 ? null : values.get(name(text, i + 1, end));
      if (value != null && plain.length() < MOST_GROWTH * text.length()) {
        plain.append(value);
        i = end + 1;
        continue;
      }
      if ((c == 's' || c == 'S') && text.regionMatches(true, i, "set ", 0, 4)) {
        note(text, i + 4, values);
      }
      plain.append(c);
      i++;
    }
    return plain.toString();
  }

  private static void note(String text, int from, Map<String, String> values) {
    int start = from < text.length() && text.charAt(from) == '"' ? from + 1 : from;
    int equals = endOfName(text, start, '=');
    if (equals < 0) {
      return;
    }
    int end = equals + 1;
    while (end < text.length()
        && end - equals <= LONGEST_VALUE
        && "&|\r\n\"".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    values.put(name(text, start, equals), text.substring(equals + 1, end));
  }

  private static String name(String text, int start, int end) {
    return text.substring(start, end).toLowerCase(Locale.ROOT);
  }

  /** Where a name that begins at {@code from} ends with {@code close}; -1 if it does not. */
  private static int endOfName(String text, int from, char close) {
    int at = from;
    while (at < text.length() && at - from < 64 && isWord(text.charAt(at))) {
      at++;
    }
    return at > from && at < text.length() && text.charAt(at) == close ? at : -1;
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-';
  }
}
