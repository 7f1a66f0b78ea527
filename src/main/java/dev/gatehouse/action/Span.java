package dev.gatehouse.action;

/**
 * Where in an argument's text a rule matched.
 *
 * @param argument path of the argument, e.g. {@code command} or {@code files[0].path}
 * @param start first UTF-16 code unit, from 0
 * @param end one past the last UTF-16 code unit
 */
public record Span(String argument, int start, int end) {
  public Span {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("span [" + start + ", " + end + ") is not a range");
    }
  }
}
