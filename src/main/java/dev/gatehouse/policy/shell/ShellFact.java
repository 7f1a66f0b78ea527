package dev.gatehouse.policy.shell;

/**
 * Something a rule may want to know that is not visible in names and arguments. Held by a command,
 * by the reading, or by both.
 */
public enum ShellFact {
  /**
   * The command name is not, or only partly, known: it comes from a variable, a substitution or a
   * pattern that cannot be computed.
   */
  UNRESOLVED_NAME,
  /**
   * The command name holds letters that look like others, invisible characters or fullwidth forms;
   * the name given is the plain one.
   */
  DISGUISED,
  /** The command name is quoted or escaped inside a word ({@code r\m}, {@code 'r'm}). */
  QUOTED_NAME,
  /**
   * The command name was put together from variables, a brace expansion or {@code $'..'} escapes.
   */
  COMPUTED_NAME,
  /** The command name is the output of a substitution. */
  SUBSTITUTED_NAME,
  /** {@code $IFS} stands for a blank. */
  IFS_AS_BLANK,
  /**
   * The text that holds the command was base64, hex or another encoding, and was decoded to be
   * read.
   */
  DECODED,
  /**
   * A program text is given to an interpreter and cannot be computed: {@code sh -c "$x"}, {@code
   * curl .. | sh}, {@code eval "$(..)"}.
   */
  UNKNOWN_PROGRAM,
  /** {@code find} runs a command for what it finds. */
  FIND_EXECUTES,
  /** {@code find} deletes what it finds. */
  FIND_DELETES,
  /** A function calls itself in a pipeline in the background, as in a fork bomb. */
  FORK_BOMB,
  /** A function or an alias is defined whose name is that of a common command. */
  SHADOWS_COMMAND,
  /** Text runs that was written to a file earlier in the same text. */
  RUNS_WRITTEN_FILE,
  /** Quotes, brackets or keywords do not match up; the rest is read as well as it goes. */
  INCOMPLETE,
  /**
   * A budget (depth, expansions, expanded size, commands) was used up; what follows is not read,
   * and counts as unknown.
   */
  LIMIT_REACHED
}
