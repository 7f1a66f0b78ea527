package dev.gatehouse.audit.redact;

/** Payment card numbers: digits of a known issuer and length whose checksum is right. */
final class Cards {
  private static final int MIN_DIGITS = 13;
  private static final int MAX_DIGITS = 19;

  /** Digits of the groups in which cards are printed; also as a beginning of a longer row. */
  private static final String[] PRINTED = {"4-4-4-4", "4-4-4-4-3", "4-6-5", "4-6-4"};

  private Cards() {}

  /** Takes what was found. */
  interface Sink {
    void found(int start, int end);
  }

  /**
   * Finds them, single spaces or dashes between digits allowed, whatever digits stand before or
   * behind them. Linear in the text: from each group of digits at most {@value #MAX_DIGITS} are
   * read.
   */
  static void find(CharSequence text, Sink sink) {
    int length = text.length();
    int at = 0;
    boolean inRow = false;
    while (at < length) {
      if (!isDigit(text.charAt(at))) {
        at++;
        inRow = false;
        continue;
      }
      int end = inRow || begins(text, at) ? end(text, at, inRow) : -1;
      if (end >= 0) {
        sink.found(at, end);
      } else {
        end = groupEnd(text, at);
      }
      inRow = isJoint(text, end);
      at = inRow ? end + 1 : end;
    }
  }

  /** Where the longest card ends that begins here; -1 if none does. */
  private static int end(CharSequence text, int start, boolean inRow) {
    StringBuilder groups = new StringBuilder();
    int longest = -1;
    int digits = 0;
    int sum = 0;
    int other = 0;
    int inGroup = 0;
    for (int at = start;
        at < text.length() && digits < MAX_DIGITS && isDigit(text.charAt(at));
        at++) {
      digits++;
      inGroup++;
      // The checksum counts from the end, so both ways of doubling are kept.
      int value = text.charAt(at) - '0';
      int twice = value < 5 ? 2 * value : 2 * value - 9;
      int before = sum;
      sum = other + value;
      other = before + twice;
      int end = at + 1;
      if (end < text.length() && isDigit(text.charAt(end))) {
        continue;
      }
      groups.append(groups.isEmpty() ? "" : "-").append(inGroup);
      inGroup = 0;
      boolean joint = isJoint(text, end);
      if (digits >= MIN_DIGITS
          && sum % 10 == 0
          && (joint || ends(text, end))
          && (isPrinted(groups) || !(inRow || joint))
          && isIssued(text, start, digits)) {
        longest = end;
      }
      if (joint) {
        at++;
      }
    }
    return longest;
  }

  /**
   * Whether digits stand as one, or as cards are printed; in other groups they must stand alone.
   */
  private static boolean isPrinted(StringBuilder groups) {
    if (groups.indexOf("-") < 0) {
      return true;
    }
    for (String printed : PRINTED) {
      if (printed.contentEquals(groups)) {
        return true;
      }
    }
    return false;
  }

  private static int groupEnd(CharSequence text, int start) {
    int end = start;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /** Whether one space or dash joins digits here to others. */
  private static boolean isJoint(CharSequence text, int at) {
    return at + 1 < text.length()
        && (text.charAt(at) == ' ' || text.charAt(at) == '-')
        && isDigit(text.charAt(at + 1));
  }

  private static boolean begins(CharSequence text, int at) {
    return at == 0 || !(isWordPart(text.charAt(at - 1)) || text.charAt(at - 1) == '.');
  }

  /** A full stop ends a number, unless the number goes on behind it. */
  private static boolean ends(CharSequence text, int at) {
    return at == text.length()
        || (text.charAt(at) == '.'
            ? at + 1 == text.length() || !isWordPart(text.charAt(at + 1))
            : !isWordPart(text.charAt(at)));
  }

  private static boolean isIssued(CharSequence text, int start, int digits) {
    int first = 0;
    int count = 0;
    for (int i = start; count < 4; i++) {
      if (isDigit(text.charAt(i))) {
        first = 10 * first + text.charAt(i) - '0';
        count++;
      }
    }
    int two = first / 100;
    return switch (first / 1000) {
      case 4 -> digits == 13 || digits == 16 || digits == 19;
      case 5 -> two >= 51 && two <= 55 && digits == 16;
      case 2 -> first >= 2221 && first <= 2720 && digits == 16;
      case 3 ->
          ((two == 34 || two == 37) && digits == 15)
              || (two == 35 && digits == 16)
              || ((two == 36 || two == 38 || first / 10 <= 305) && digits == 14);
      case 6 -> (first == 6011 || two == 62 || two == 65 || first / 10 >= 644) && digits >= 16;
      default -> false;
    };
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }
}
