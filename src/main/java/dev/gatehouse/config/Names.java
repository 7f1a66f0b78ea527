package dev.gatehouse.config;

import java.util.Set;

/** Names as the configuration's entries have them. */
final class Names {
  /** What is said where something else was found. */
  static final String EXPECTED = "1 to 64 letters, digits, '-', '_' or '.'";

  private Names() {}

  static boolean isName(String text) {
    return text.matches("[A-Za-z0-9._-]{1,64}");
  }

  /** The {@code name} of an entry, which none of {@code others} has; it is one of these then. */
  static String own(Settings.Entry entry, Set<String> others) {
    return own(entry, others, "all others");
  }

  /**
   * As {@link #own(Settings.Entry, Set)}.
   *
   * @param all the others, in a sentence
   */
  static String own(Settings.Entry entry, Set<String> others, String all) {
    return entry.required(
        "name",
        EXPECTED + ", different from " + all,
        "",
        text -> isName(text) && others.add(text) ? text : null);
  }
}
