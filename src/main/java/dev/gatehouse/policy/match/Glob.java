package dev.gatehouse.policy.match;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern for a whole text in which {@code *} stands for any characters, {@code ?} for one, and
 * {@code [abc]} is not special. Case matters. Immutable; time is at most text times pattern.
 */
public final class Glob {
  private final String pattern;
  private final boolean plain;

  private Glob(String pattern) {
    this.pattern = pattern;
    this.plain = pattern.indexOf('*') < 0 && pattern.indexOf('?') < 0;
  }

  /** The glob for {@code pattern}. */
  public static Glob of(String pattern) {
    return new Glob(pattern);
  }

  /** Whether only one text matches. */
  public boolean isPlain() {
    return plain;
  }

  /** The pattern as written. */
  public String pattern() {
    return pattern;
  }

  /** Whether the whole of {@code text} matches. */
  public boolean matches(String text) {
    if (plain) {
      return pattern.equals(text);
    }
    int t = 0;
    int p = 0;
    int star = -1;
    int resume = 0;
    while (t < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = t;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /** The longest run of ordinary characters, which every matching text contains; maybe empty. */
  public String literal() {
    List<String> runs = new ArrayList<>(List.of(""));
    for (String run : pattern.split("[*?]", -1)) {
      runs.add(run);
    }
    return runs.stream().reduce("", (a, b) -> b.length() > a.length() ? b : a);
  }
}
