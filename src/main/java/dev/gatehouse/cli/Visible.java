package dev.gatehouse.cli;

import java.util.Locale;

/** What agents send must not move a terminal's cursor, colour it or turn its text around. */
final class Visible {
  private Visible() {}

  /** The same with every character that does not stand for itself as {@code \}{@code u001b}. */
  static String text(String text) {
    if (text.codePoints().noneMatch(Visible::isHidden)) {
      return text;
    }
    StringBuilder visible = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          if (isHidden(c)) {
            visible.append(String.format(Locale.ROOT, "\\u%04x", c));
          } else {
            visible.appendCodePoint(c);
          }
        });
    return visible.toString();
  }

  /** The same, of this many characters: cut, or filled with spaces. */
  static String cell(String text, int width) {
    String visible = text(text);
    int length = visible.codePointCount(0, visible.length());
    return length > width
        ? visible.substring(0, visible.offsetByCodePoints(0, width))
        : visible + " ".repeat(width - length);
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
