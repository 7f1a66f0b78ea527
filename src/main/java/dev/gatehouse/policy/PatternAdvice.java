package dev.gatehouse.policy;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an author of patterns should know: a pattern that holds less than it seems to, or that would
 * be slow in an engine that backtracks.
 */
final class PatternAdvice {
  private static final Pattern ANCHORED_START = Pattern.compile("^(\\(\\?[a-z]+\\))?\\^");
  private static final Pattern ANCHORED_PART =
      Pattern.compile("^(\\(\\?[a-z]+\\))?\\^[^|()]*\\|[^^]");
  private static final Pattern NESTED =
      Pattern.compile("\\((\\?:)?[^()|]*[+*]\\)[+*]|\\((\\?:)?[^()]*\\.\\*[^()]*\\)[+*]");

  private PatternAdvice() {}

  /** The advice as the end of a sentence, or null if there is none. */
  static @Nullable String of(String regex) {
    String body = regex.replaceFirst("^\\(\\?[a-z]+\\)", "");
    if (body.startsWith(".*")) {
      return "starts with .*: a search needs none, and it is quadratic where engines backtrack";
    }
    if (NESTED.matcher(body).find()) {
      return "repeats a repetition: quadratic or worse where engines backtrack";
    }
    if (ANCHORED_PART.matcher(regex).find()) {
      return "is silently anchored: ^ binds to its first alternative only";
    }
    boolean lines = regex.startsWith("(?") && regex.substring(0, regex.indexOf(')')).contains("m");
    if (ANCHORED_START.matcher(regex).find() && !lines) {
      return "is anchored at the start of the text: text before it, or an earlier line, hides it";
    }
    return null;
  }
}
