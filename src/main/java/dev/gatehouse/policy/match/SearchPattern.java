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
  private final Pattern pattern;
  private final Set<String> literals;

  private SearchPattern(Pattern pattern, Set<String> literals) {
    this.pattern = pattern;
    this.literals = literals;
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

  /** Whether it occurs in {@code text}. */
  public boolean found(String text) {
    return pattern.matcher(text).find();
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
