package dev.gatehouse.audit.redact;

/** Payment card numbers: digits of a known issuer and length whose checksum is right. */
final class Cards {
  private static final int MIN_DIGITS = 13;
  private static final int MAX_DIGITS = 19;

  private Cards() {}

  /** Takes what was found. */
  interface Sink {
    void found(int start, int end);
  }

  /** Finds them, single spaces or dashes between digits allowed. Linear in the text. */
  static void find(CharSequence text, Sink sink) {
    int length = text.length();
    int at = 0;
    while (at < length) {
      if (!isDigit(text.charAt(at))) {
        at++;
        continue;
      }
      int end = at;
      int digits = 0;
      int sum = 0;
      int other = 0;
      while (end < length) {
        char c = text.charAt(end);
        if (isDigit(c)) {
          digits++;
          // The checksum counts from the end, so both ways of doubling are kept.
          int value = c - '0';
          int twice = value < 5 ? 2 * value : 2 * value - 9;
          int before = sum;
          sum = other + value;
          other = before + twice;
        } else if ((c != ' ' && c != '-') || end + 1 >= length || !isDigit(text.charAt(end + 1))) {
          break;
        }
        end++;
      }
      boolean alone =
          (at == 0 || !isWordPart(text.charAt(at - 1)))
              && (end == length || !isWordPart(text.charAt(end)));
      if (alone
          && digits >= MIN_DIGITS
          && digits <= MAX_DIGITS
          && sum % 10 == 0
          && isIssued(text, at, digits)) {
        sink.found(at, end);
      }
      at = end;
    }
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
      case 6 -> (first == 6011 || two == 65 || first / 10 >= 644) && digits >= 16;
      default -> false;
    };
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '.' || c == '_';
  }
}
