package dev.gatehouse.policy.text;

import java.text.Normalizer;

/**
 * Makes plain what only looks plain: fullwidth and styled letters (NFKC), Cyrillic and Greek
 * letters with the shape of Latin ones, dashes, quotes and invisible characters.
 *
 * <p>The table holds the single-letter look-alikes of Unicode's confusables (UTS 39) for the
 * letters that occur in command names and paths.
 */
public final class Lookalikes {

  private static final String FROM =
      "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u0442\u043c\u043a\u043d\u0433\u0432"
          + "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
          + "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b3\u03b7\u03c9"
          + "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
          + "\u0131\u0261\u026a\u1d04\u1d0f\u1d1c\u1d20\u1d21\u1d22\u0280\u0299\u029f\u1d0d\u0274\u0578\u0585\u057d\u0570"
          + "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2215\u2044\u29f8\u2236\u02d0\u01c0\u2223\u2502";

  private static final String TO =
      "aeopcyxijsdhqwtmkhrb"
          + "ABEKMHOPCTXIJS"
          + "aeikvoptuxynw"
          + "ABEZHIKMNOPTYX"
          + "igicouvwzrblmnnouh"
          + "-------///::|||";

  private Lookalikes() {}

  /** Whether the text holds a character that {@link #plain} might change. */
  public static boolean suspicious(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 126) {
        return true;
      }
    }
    return false;
  }

  /**
   * The text with look-alikes replaced by plain letters, unusual blanks by a space and invisible
   * characters left out. The same object if nothing changes.
   */
  public static String plain(String text) {
    if (!suspicious(text)) {
      return text;
    }
    String normal = Normalizer.normalize(text, Normalizer.Form.NFKC);
    StringBuilder out = new StringBuilder(normal.length());
    for (int i = 0; i < normal.length(); i++) {
      char c = normal.charAt(i);
      if (c < 127) {
        out.append(c);
      } else if (!invisible(c)) {
        int at = FROM.indexOf(c);
        out.append(at >= 0 ? TO.charAt(at) : Character.isSpaceChar(c) ? ' ' : c);
      }
    }
    String plain = out.toString();
    return plain.equals(text) ? text : plain;
  }

  /**
   * Zero-width characters, joiners, marks of direction, variation selectors, soft hyphen and
   * combining marks that stand alone.
   */
  private static boolean invisible(char c) {
    return switch (Character.getType(c)) {
      case Character.FORMAT,
          Character.CONTROL,
          Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK ->
          true;
      default -> c == '\u115f' || c == '\u1160' || c == '\u3164' || c == '\uffa0' || c == '\u2800';
    };
  }
}
