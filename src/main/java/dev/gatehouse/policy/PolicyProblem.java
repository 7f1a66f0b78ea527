package dev.gatehouse.policy;

/**
 * One thing that is wrong in a policy file.
 *
 * @param file name of the file
 * @param line from 1
 * @param column from 1
 * @param found what is wrong
 * @param expected what would be right
 */
public record PolicyProblem(String file, int line, int column, String found, String expected) {
  /** {@code file:line:column: what is wrong; expected what would be right}. */
  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + found + "; expected " + expected;
  }
}
