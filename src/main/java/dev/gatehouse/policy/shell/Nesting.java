package dev.gatehouse.policy.shell;

/** What a command can stand inside of. One command can stand inside of several. */
public enum Nesting {
  /** {@code ( .. )} */
  SUBSHELL,
  /** <code>{ .. }</code> */
  GROUP,
  /** {@code $( .. )} and backquotes */
  SUBSTITUTION,
  /** {@code <( .. )} and {@code >( .. )} */
  PROCESS_SUBSTITUTION,
  /** The body of a function definition, or the body read in again where the function is called. */
  FUNCTION,
  /** What {@code if}, {@code elif}, {@code while} or {@code until} tests. */
  CONDITION,
  /** What follows {@code then}, {@code else} or a {@code case} pattern. */
  BRANCH,
  /** The body of {@code for}, {@code while}, {@code until} or {@code select}. */
  LOOP,
  /** Another program's argument: {@code sudo rm}, {@code find -exec rm}. */
  WRAPPED,
  /**
   * A text of its own that a shell reads: {@code sh -c}, {@code eval}, {@code .. | sh}, a
   * here-document into a shell.
   */
  NESTED_TEXT,
  /** An expanded alias. */
  ALIAS,
  /** Program text of another language: awk {@code system()}, perl backquotes. */
  OTHER_LANGUAGE
}
