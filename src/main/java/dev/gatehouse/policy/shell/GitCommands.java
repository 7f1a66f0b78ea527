package dev.gatehouse.policy.shell;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the commands that git runs for its caller: aliases, pagers and other programs named in its
 * configuration, and the subcommands that take a command.
 */
final class GitCommands {
  /** Settings whose value is a command, in lower case. */
  private static final Set<String> PROGRAMS =
      Set.of(
          "core.pager",
          "core.editor",
          "core.sshcommand",
          "core.fsmonitor",
          "core.askpass",
          "core.gitproxy",
          "sequence.editor",
          "diff.external",
          "gpg.program",
          "credential.helper",
          "uploadpack.packobjectshook",
          "interactive.difffilter",
          "sendemail.smtpserver");

  private static final Set<String> TEXT_FLAGS =
      Set.of(
          "-x",
          "--exec",
          "--extcmd",
          "--tree-filter",
          "--index-filter",
          "--env-filter",
          "--msg-filter",
          "--commit-filter",
          "--parent-filter",
          "--tag-name-filter",
          "--upload-pack",
          "--receive-pack");

  private static final Set<String> WITH_TEXT_FLAGS =
      Set.of("rebase", "filter-branch", "difftool", "clone", "fetch", "pull", "push", "ls-remote");

  private final Interpreter interpreter;
  private final Programs programs;

  GitCommands(Interpreter interpreter, Programs programs) {
    this.interpreter = interpreter;
    this.programs = programs;
  }

  void read(Invocation git, boolean exact) {
    List<Word> words = git.arguments;
    int at = 0;
    while (at < words.size() && words.get(at).isFlag()) {
      String value = words.get(at).value();
      if (value.equals("-c") && at + 1 < words.size()) {
        setting(git, words.get(at + 1));
      }
      at += value.equals("-c") || value.equals("-C") ? 2 : 1;
    }
    if (at >= words.size()) {
      return;
    }
    String verb = words.get(at).value();
    List<Word> rest = words.subList(at + 1, words.size());
    switch (verb) {
      case "config" -> configure(git, rest);
      case "bisect" -> {
        if (rest.size() > 1 && rest.get(0).value().equals("run")) {
          interpreter.wrapped(git, rest.subList(1, rest.size()), exact);
        }
      }
      case "submodule" -> eachModule(git, rest);
      default -> {
        if (WITH_TEXT_FLAGS.contains(verb)) {
          flags(git, rest);
        }
      }
    }
  }

  /** {@code core.pager=less -R}. */
  private void setting(Invocation git, Word word) {
    int equals = word.value().indexOf('=');
    if (equals > 0) {
      program(git, word.value().substring(0, equals), word, word.value().substring(equals + 1));
    }
  }

  /** {@code git config --global alias.x '!cmd'}. */
  private void configure(Invocation git, List<Word> rest) {
    @Nullable Word key = null;
    for (Word word : rest) {
      if (word.isFlag()) {
        continue;
      }
      if (key != null) {
        program(git, key.value(), word, word.value());
        return;
      }
      key = word.value().equals("set") ? null : word;
    }
  }

  private void program(Invocation git, String key, Word word, String value) {
    String name = key.toLowerCase(Locale.ROOT);
    boolean bang = value.startsWith("!");
    boolean runs =
        PROGRAMS.contains(name)
            || (name.startsWith("alias.") && bang)
            || name.endsWith(".textconv")
            || name.endsWith(".clean")
            || name.endsWith(".smudge")
            || name.endsWith(".helper");
    if (runs) {
      programs.run(git, word.withValue(bang ? value.substring(1) : value));
    }
  }

  private void eachModule(Invocation git, List<Word> rest) {
    boolean each = false;
    for (Word word : rest) {
      if (each && !word.isFlag()) {
        programs.run(git, word);
        return;
      }
      each |= word.value().equals("foreach");
    }
  }

  private void flags(Invocation git, List<Word> rest) {
    for (int i = 0; i < rest.size(); i++) {
      String value = rest.get(i).value();
      int equals = value.startsWith("--") ? value.indexOf('=') : -1;
      if (!TEXT_FLAGS.contains(equals < 0 ? value : value.substring(0, equals))) {
        continue;
      }
      if (equals > 0) {
        programs.run(git, rest.get(i).withValue(value.substring(equals + 1)));
      } else if (i + 1 < rest.size()) {
        programs.run(git, rest.get(i + 1));
      }
    }
  }
}
