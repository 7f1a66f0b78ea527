package dev.gatehouse.policy;

import dev.gatehouse.action.Action;
import dev.gatehouse.policy.Explanation.Change;
import java.util.function.Supplier;

/**
 * A change of an action that may give another outcome and has not been tried.
 *
 * @param kind what it changes
 * @param size how many characters differ; for sorting
 * @param what the change, as the start of a sentence
 * @param action makes the changed action
 * @param atMillis when it is to be judged
 */
record Candidate(Change.Kind kind, int size, String what, Supplier<Action> action, long atMillis) {
  private static final int LONGEST_SHOWN = 80;

  /** How many characters of two texts differ: those between their common start and common end. */
  static int difference(String old, String other) {
    int shorter = Math.min(old.length(), other.length());
    int start = 0;
    while (start < shorter && old.charAt(start) == other.charAt(start)) {
      start++;
    }
    int end = 0;
    while (end < shorter - start
        && old.charAt(old.length() - 1 - end) == other.charAt(other.length() - 1 - end)) {
      end++;
    }
    return Math.max(old.length(), other.length()) - start - end;
  }

  /** A text in quotes; where it is cut, two dots say so. */
  static String quoted(String text) {
    return "'"
        + (text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + ".." : text)
        + "'";
  }
}
