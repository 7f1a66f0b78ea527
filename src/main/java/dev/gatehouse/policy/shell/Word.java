package dev.gatehouse.policy.shell;

/**
 * One word after quoting, escapes and every expansion that could be computed.
 *
 * @param value the word; each part that cannot be computed is one {@link #HOLE}; {@code ~} and
 *     {@code $HOME} are both {@code ~}
 * @param known whether the value is complete, without a hole
 * @param quoted whether some part was quoted or escaped
 * @param glob whether the value holds an unquoted {@code *}, {@code ?} or {@code [} (a file
 *     pattern)
 * @param firstInner index of the first command of the substitutions in this word, or -1 if there
 *     are none
 * @param lastInner index of the last of them, inclusive
 * @param start where the word starts in the given text
 * @param end where it ends, exclusive
 */
public record Word(
    String value,
    boolean known,
    boolean quoted,
    boolean glob,
    int firstInner,
    int lastInner,
    int start,
    int end) {

  /**
   * Stands in {@link #value} for a part that cannot be computed. A word that itself contains this
   * character counts as not known.
   */
  public static final char HOLE = '\uFFFC';

  /** The part before the first hole: all of the value if it is known. */
  public String knownPrefix() {
    if (known) {
      return value;
    }
    int hole = value.indexOf(HOLE);
    return hole < 0 ? value : value.substring(0, hole);
  }

  /** Whether the word starts with a dash and is longer than that. */
  public boolean isFlag() {
    return value.length() > 1 && value.charAt(0) == '-';
  }

  /** Whether a command substitution or process substitution is part of the word. */
  public boolean hasSubstitution() {
    return firstInner >= 0;
  }

  Word endingAt(int place) {
    return place <= end
        ? this
        : new Word(value, known, quoted, glob, firstInner, lastInner, start, place);
  }

  /** The word with another value of which nothing more is known to be missing. */
  Word withValue(String other) {
    return new Word(
        other, other.indexOf(HOLE) < 0, quoted, glob, firstInner, lastInner, start, end);
  }

  Word from(int first, int last) {
    return new Word(value, known, quoted, glob, first, last, start, end);
  }
}
