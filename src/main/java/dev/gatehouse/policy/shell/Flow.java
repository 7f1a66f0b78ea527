package dev.gatehouse.policy.shell;

/**
 * Output of one command that reaches another otherwise than through a pipe (for pipes see {@link
 * ShellReading#flows}).
 *
 * @param from index of the command that makes the output
 * @param to index of the command that it reaches
 * @param kind by what way
 */
public record Flow(int from, int to, Kind kind) {

  /** The ways. */
  public enum Kind {
    /** {@code to "$(from)"}: as argument, or as part of it. */
    ARGUMENT,
    /** {@code to <(from)}, {@code to < <(from)} and {@code from > >(to)}. */
    PROCESS_SUBSTITUTION,
    /** {@code to <<< "$(from)"} or a here-document with a substitution. */
    INPUT,
    /** {@code x=$(from); to "$x"}. */
    VARIABLE,
    /** {@code from > file; to file}. */
    FILE
  }
}
