package dev.gatehouse.policy;

import dev.gatehouse.action.Span;

/**
 * Where a text that was read comes from.
 *
 * @param argument path of the argument
 * @param exact whether the text is the whole argument, so that places in it are places in the
 *     argument
 * @param start where in the argument the text comes from
 * @param end where that ends
 * @param depth 0 for an argument, more by one for each text inside a text
 */
record Origin(String argument, boolean exact, int start, int end, int depth) {

  /** The origin of an argument's whole text. */
  static Origin argument(String path, String text) {
    return new Origin(path, true, 0, text.length(), 0);
  }

  /** The origin of a text that stands from start to end in the text of this origin. */
  Origin inner(int from, int to) {
    return exact
        ? new Origin(argument, false, from, to, depth + 1)
        : new Origin(argument, false, start, end, depth + 1);
  }

  /** The place of a range of the text. */
  Span span(int from, int to) {
    return exact ? new Span(argument, from, Math.max(from, to)) : new Span(argument, start, end);
  }
}
