package dev.gatehouse.cli;

/**
 * Text for a person to judge: what a terminal would obey, hide, reorder or show as something else
 * is written as its code point, {@code <U+202E>}.
 */
final class VisibleText {
  private VisibleText() {}

  static String of(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point -> {
          if (isPlain(point)) {
            visible.appendCodePoint(point);
          } else {
            visible.append("<U+%04X>".formatted(point));
          }
        });
    return visible.toString();
  }

  /** Whether it is shown as itself, and takes its place where it stands. */
  private static boolean isPlain(int point) {
    return switch (Character.getType(point)) {
      // Controls, bidirectional marks, zero widths, tags, private and unassigned characters.
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          // They change the character before them; a variation selector does so unseen.
          Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> !isBlank(point) && !isRightToLeft(point);
    };
  }

  /** Letters and signs to Unicode. */
  private static boolean isBlank(int point) {
    return point == 0x115F
        || point == 0x1160
        || point == 0x2800
        || point == 0x3164
        || point == 0xFFA0;
  }

  /** Some terminals reorder what stands beside such letters, too. */
  private static boolean isRightToLeft(int point) {
    return switch (Character.getDirectionality(point)) {
      case Character.DIRECTIONALITY_RIGHT_TO_LEFT,
          Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC,
          Character.DIRECTIONALITY_ARABIC_NUMBER ->
          true;
      default -> false;
    };
  }
}
