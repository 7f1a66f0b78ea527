package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;

/** Decodes string tokens. */
final class Literals {
  private Literals() {}

  static boolean hasPrefix(String text, int start, int end, char letter) {
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\'') {
        return false;
      }
      if ((c | 0x20) == letter) {
        return true;
      }
    }
    return false;
  }

  /** Index of the first character of the content. */
  static int contentStart(String text, int start, int end) {
    int at = start;
    while (at < end && text.charAt(at) != '"' && text.charAt(at) != '\'') {
      at++;
    }
    return isTriple(text, at, end) ? at + 3 : Math.min(at + 1, end);
  }

  /** Index behind the last character of the content. */
  static int contentEnd(String text, int start, int end) {
    int open = start;
    while (open < end && text.charAt(open) != '"' && text.charAt(open) != '\'') {
      open++;
    }
    int quotes = isTriple(text, open, end) ? 3 : 1;
    int from = Math.min(open + quotes, end);
    for (int i = 0; i < quotes; i++) {
      int at = end - 1 - i;
      if (at < from || text.charAt(at) != text.charAt(open)) {
        return end;
      }
    }
    return end - quotes;
  }

  private static boolean isTriple(String text, int at, int end) {
    return at + 2 < end
        && text.charAt(at + 1) == text.charAt(at)
        && text.charAt(at + 2) == text.charAt(at);
  }

  static PythonValue decode(String text, int start, int end) {
    int from = contentStart(text, start, end);
    int to = Math.max(from, contentEnd(text, start, end));
    boolean raw = hasPrefix(text, start, end, 'r');
    String content =
        raw || text.indexOf('\\', from, to) < 0
            ? text.substring(from, to)
            : unescape(text, from, to);
    return Values.of(hasPrefix(text, start, end, 'b') ? Kind.BYTES : Kind.STRING, content);
  }

  static String unescape(String text, int from, int to) {
    StringBuilder out = new StringBuilder(to - from);
    int at = from;
    while (at < to) {
      char c = text.charAt(at++);
      if (c != '\\' || at >= to) {
        out.append(c);
        continue;
      }
      c = text.charAt(at++);
      switch (c) {
        case '\n' -> {}
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'v' -> out.append('\u000b');
        case '\\', '\'', '"' -> out.append(c);
        case 'x' -> at = number(text, at, to, 16, 2, out);
        case 'u' -> at = number(text, at, to, 16, 4, out);
        case 'U' -> at = number(text, at, to, 16, 8, out);
        case 'N' -> {
          int close = text.indexOf('}', at, to);
          if (at < to && text.charAt(at) == '{' && close > at && close - at < 100) {
            out.append(named(text.substring(at + 1, close)));
            at = close + 1;
          } else {
            out.append("\\N");
          }
        }
        case '0', '1', '2', '3', '4', '5', '6', '7' -> at = number(text, at - 1, to, 8, 3, out);
        default -> out.append('\\').append(c);
      }
    }
    return out.toString();
  }

  private static String named(String name) {
    try {
      return Character.toString(Character.codePointOf(name));
    } catch (IllegalArgumentException e) {
      return Values.HOLE;
    }
  }

  private static int number(
      String text, int from, int to, int radix, int digits, StringBuilder out) {
    int at = from;
    int value = 0;
    while (at < to && at - from < digits) {
      int digit = Character.digit(text.charAt(at), radix);
      if (digit < 0) {
        break;
      }
      value = value * radix + digit;
      at++;
    }
    if (at > from && value >= 0 && value <= 0x10ffff) {
      out.appendCodePoint(value);
    }
    return at;
  }
}
