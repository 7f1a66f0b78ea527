package dev.gatehouse.sandbox;

/**
 * How large a terminal is, in characters.
 *
 * @param rows 1 to {@value #MAX}
 * @param columns 1 to {@value #MAX}
 */
public record TerminalSize(int rows, int columns) {
  /** No screen has more; programs take memory for each character. */
  public static final int MAX = 1000;

  public TerminalSize {
    if (rows < 1 || rows > MAX || columns < 1 || columns > MAX) {
      throw new IllegalArgumentException(
          "a terminal of " + rows + " rows, " + columns + " columns");
    }
  }
}
