package dev.gatehouse.policy.python;

import java.util.List;

/**
 * A command that Python text runs: for the shell reader to read.
 *
 * @param text of a command line (a shell reads it): the line, parts that cannot be computed one
 *     {@link PythonValue#HOLE} each; else empty
 * @param words of an argument vector (no shell): the words, with holes likewise; else empty
 * @param known whether it is complete
 * @param call index of the call that runs it
 * @param start where in the given text it comes from
 * @param end where that ends, exclusive
 */
public record ShellText(
    String text, List<String> words, boolean known, int call, int start, int end) {

  /** Whether it is an argument vector, run without a shell. */
  public boolean isVector() {
    return !words.isEmpty();
  }
}
