package dev.gatehouse.audit;

/** Text that PostgreSQL accepts: no NUL, no unpaired surrogate. */
final class StorableText {
  private static final char REPLACEMENT = '\uFFFD';

  private StorableText() {}

  /** {@code text}, cut to {@code maxChars}, with what cannot be stored replaced. */
  static String of(String text, int maxChars) {
    String cut = text.length() <= maxChars ? text : text.substring(0, maxChars);
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return replace(cut);
      }
    }
    return cut;
  }

  private static String replace(String text) {
    StringBuilder storable = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        storable.append(c).append(text.charAt(++i));
      } else {
        storable.append(c == 0 || Character.isSurrogate(c) ? REPLACEMENT : c);
      }
    }
    return storable.toString();
  }
}
