package dev.gatehouse.policy.shell;

/**
 * One redirection of a command.
 *
 * @param kind which operator
 * @param descriptor the file descriptor that is redirected: the given one, or the operator's own (0
 *     or 1); -1 for {@code {name}>}
 * @param target the file, the descriptor ({@code >&2}), the here-string or the body of the
 *     here-document
 */
public record Redirection(Kind kind, int descriptor, Word target) {

  /** The operators. */
  public enum Kind {
    /** {@code <} */
    READ,
    /** {@code >} and {@code >|} */
    WRITE,
    /** {@code >>} */
    APPEND,
    /** {@code <>} */
    READ_WRITE,
    /** {@code &>} and {@code >&} with a file: output and errors */
    WRITE_BOTH,
    /** {@code &>>} */
    APPEND_BOTH,
    /** {@code >&} with a descriptor */
    DUPLICATE_OUTPUT,
    /** {@code <&} */
    DUPLICATE_INPUT,
    /** {@code <<} and {@code <<-} */
    HERE_DOCUMENT,
    /** {@code <<<} */
    HERE_STRING
  }

  /** Whether the target is a file that is written to. */
  public boolean writesFile() {
    return switch (kind) {
      case WRITE, APPEND, READ_WRITE, WRITE_BOTH, APPEND_BOTH -> true;
      case READ, DUPLICATE_OUTPUT, DUPLICATE_INPUT, HERE_DOCUMENT, HERE_STRING -> false;
    };
  }

  /** Whether the target is a file that is read from. */
  public boolean readsFile() {
    return kind == Kind.READ || kind == Kind.READ_WRITE;
  }
}
