package dev.gatehouse.policy.match;

import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.safere.Matcher;
import org.safere.Pattern;

/**
 * A regular expression that searches: it matches anywhere in a text unless its author anchors it.
 * Linear time in the text, whatever the pattern: look-around and back references do not exist.
 * Immutable and safe for any thread.
 */
public final class SearchPattern {
  private static final int LONGEST_MASKED = 64;

  private final Pattern pattern;
  private final Set<String> literals;

  /** The letters of each required word. */
  private final long[] masks;

  private SearchPattern(Pattern pattern, Set<String> literals) {
    this.pattern = pattern;
    this.literals = literals;
    this.masks = literals.stream().mapToLong(SearchPattern::letters).toArray();
  }

  /**
   * Compiles a pattern in the syntax of {@code java.util.regex} without look-around, back
   * references and possessive quantifiers.
   *
   * @throws IllegalArgumentException with a sentence for the author, if the pattern cannot be used
   */
  public static SearchPattern compile(String regex) {
    try {
      Pattern pattern = Pattern.compile(regex);
      if (pattern.matcher("").find()) {
        throw new IllegalArgumentException("matches the empty text, so it matches everything");
      }
      return new SearchPattern(pattern, RequiredLiterals.of(regex));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          e.getDescription() + (e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1)), e);
    }
  }

  /** The expression as written. */
  public String regex() {
    return pattern.pattern();
  }

  /** Whether it occurs in {@code text}. Hot path. */
  public boolean found(String text) {
    return possible(text) && pattern.matcher(text).find();
  }

  /**
   * Whether a short text has the letters of one of the required words: a tenth of the price of a
   * search, and mostly enough to say no.
   */
  private boolean possible(String text) {
    if (masks.length == 0 || text.length() > LONGEST_MASKED) {
      return true;
    }
    long letters = letters(text);
    for (long mask : masks) {
      if ((letters & mask) == mask) {
        return true;
      }
    }
    return false;
  }

  /** One bit for each ASCII character, shared by two of them, either case the same. */
  private static long letters(String text) {
    long letters = 0;
    for (int i = 0; i < text.length(); i++) {
      letters |= 1L << (text.charAt(i) | 0x20);
    }
    return letters;
  }

  /** Where it first occurs: start in the upper and end in the lower 32 bits; -1 for nowhere. */
  public long locate(String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? range(matcher.start(), matcher.end()) : -1;
  }

  /** Packs a range as {@link #locate} returns it. */
  public static long range(int start, int end) {
    return ((long) start << 32) | end;
  }

  /**
   * Lower-case ASCII words of which at least one occurs, in any case, in every text that matches;
   * empty if none is known.
   */
  public Set<String> literals() {
    return literals;
  }
}
