package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the reader has to know of a command to find what it runs and what it only prints.
 *
 * @param role how its arguments are read
 * @param language for {@link Role#LANGUAGE} which
 * @param valued one-letter flags that take a value
 * @param longValued long flags, without dashes, that take a value as a word of its own
 * @param skip operands in front of a wrapped command
 * @param code flags whose value is program text, without dashes; letters or long names
 * @param filter whether what it reads from a pipe is only passed on, searched or stored by it
 */
record Trait(
    Role role,
    @Nullable Language language,
    String valued,
    Set<String> longValued,
    int skip,
    Set<String> code,
    boolean filter) {

  /** The ways to read arguments. */
  enum Role {
    /** Nothing special. */
    PLAIN,
    /** All arguments are data. */
    INERT,
    /** The first operand, or the values of {@code code} flags, are data. */
    PATTERN,
    /** The values of {@code code} flags are data, after certain subcommands. */
    MESSAGE,
    /** After flags and operands comes another command. */
    WRAPPER,
    /** The same, with assignments in front of it. */
    ENVIRONMENT,
    /** The operands are one text that a shell reads. */
    SHELL_TEXT,
    /** The values of {@code code} flags are texts that a shell reads. */
    SHELL_FLAG,
    SHELL,
    LANGUAGE,
    EVAL,
    SOURCE,
    DECLARE,
    ALIAS,
    SET,
    READ,
    UNSET,
    PRINTF,
    TRAP,
    XARGS,
    FIND,
    SSH,
    SWITCH_USER,
    CONTAINER,
    CRONTAB,
    COPY,
    DOWNLOAD,
    EDITOR,
    /** Another command stands behind a subcommand or a flag. */
    LAUNCHER,
    MAKE,
    /** All programs in a folder are started. */
    FOLDER,
    CHANGE_DIRECTORY,
    SPLIT_AFTER_DASHES
  }

  static final Trait PLAIN = new Trait(Role.PLAIN, null, "", Set.of(), 0, Set.of(), false);
}
