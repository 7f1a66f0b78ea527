package dev.gatehouse.policy.shell;

/** Backslash escapes of {@code $'..'}, {@code printf} and {@code echo -e}. */
final class Escapes {
  private Escapes() {}

  /** The text with its escapes decoded. */
  static String decode(String text) {
    return text.indexOf('\\') < 0 ? text : decode(text, 0, text.length());
  }

  static String decode(String text, int from, int to) {
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
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'e', 'E' -> out.append('\u001b');
        case 'f' -> out.append('\f');
        case 'v' -> out.append('\u000b');
        case '\\', '\'', '"', '?' -> out.append(c);
        case 'x' -> at = number(text, at, to, 16, 2, out, c);
        case 'u' -> at = number(text, at, to, 16, 4, out, c);
        case 'U' -> at = number(text, at, to, 16, 8, out, c);
        case 'c' -> {
          if (at < to) {
            out.append((char) (text.charAt(at++) & 0x1f));
          }
        }
        case '0', '1', '2', '3', '4', '5', '6', '7' ->
            at = number(text, at - 1, to, 8, c == '0' ? 4 : 3, out, c);
        default -> out.append('\\').append(c);
      }
    }
    return out.toString();
  }

  private static int number(
      String text, int from, int to, int radix, int digits, StringBuilder out, char letter) {
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
    if (at == from) {
      out.append('\\').append(letter);
    } else if (letter == 'U' && value > 0xffff && value <= 0x10ffff) {
      out.appendCodePoint(value);
    } else {
      out.append((char) (radix == 8 ? value & 0xff : value));
    }
    return at;
  }
}
