package dev.gatehouse.policy.shell;

import java.util.List;
import java.util.Set;

/**
 * Finds the commands in variables whose value some program runs: {@code PAGER}, {@code
 * GIT_SSH_COMMAND}, {@code PROMPT_COMMAND}.
 */
final class Hooks {
  /** Variables whose value some program runs as a command. */
  private static final Set<String> NAMES =
      Set.of(
          "PAGER",
          "MANPAGER",
          "GIT_PAGER",
          "SYSTEMD_PAGER",
          "EDITOR",
          "VISUAL",
          "SUDO_EDITOR",
          "GIT_EDITOR",
          "GIT_SEQUENCE_EDITOR",
          "GIT_SSH_COMMAND",
          "GIT_SSH",
          "GIT_EXTERNAL_DIFF",
          "GIT_ASKPASS",
          "SSH_ASKPASS",
          "LESSOPEN",
          "LESSCLOSE",
          "BROWSER",
          "PROMPT_COMMAND",
          "RUSTC_WRAPPER",
          "FCEDIT");

  /** Variables that name a file which a shell reads before all else. */
  private static final Set<String> START_FILES = Set.of("BASH_ENV", "ENV");

  private final Programs programs;

  Hooks(Programs programs) {
    this.programs = programs;
  }

  /** Reads the values of variables that programs run as commands. */
  void assigned(Invocation invocation) {
    for (Assignment assignment : invocation.assignments) {
      read(invocation, assignment.name(), assignment.value());
    }
  }

  /** The same for {@code export PAGER=..}. */
  void exported(Invocation invocation) {
    for (Word word : invocation.arguments) {
      int equals = word.value().indexOf('=');
      if (equals > 0) {
        String name = word.value().substring(0, equals);
        read(invocation, name, word.withValue(word.value().substring(equals + 1)));
      }
    }
  }

  private void read(Invocation invocation, String name, Word value) {
    if (NAMES.contains(name)) {
      hook(invocation, value);
    } else if (START_FILES.contains(name)) {
      boolean file = !value.hasSubstitution() || value.value().startsWith("/dev/fd/");
      if (file) {
        programs.script(invocation, value, List.of(), 0, null);
      }
    }
  }

  private void hook(Invocation invocation, Word value) {
    String text = value.value();
    if (text.indexOf(' ') >= 0 && value.known()) {
      programs.run(invocation, text.startsWith("|") ? value.withValue(text.substring(1)) : value);
    }
  }
}
