package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * Remembers what commands write to files, and has what they write to files read that are run by
 * themselves.
 */
final class WrittenFiles {
  private final Draft draft;
  private final Programs programs;

  WrittenFiles(Draft draft, Programs programs) {
    this.draft = draft;
    this.programs = programs;
  }

  /**
   * Remembers what a command writes to files, and reads what it writes to files that are run by
   * themselves.
   */
  void writes(Invocation invocation, Trait trait) {
    for (int i = 0, count = invocation.redirections.size(); i < count; i++) {
      Redirection redirection = invocation.redirections.get(i);
      if (redirection.writesFile()
          && redirection.descriptor() != 2
          && redirection.target().known()
          && !wraps(trait)) {
        write(
            invocation,
            redirection.target().value(),
            redirection.kind() == Redirection.Kind.APPEND);
      }
    }
    switch (trait.role()) {
      case DOWNLOAD -> download(invocation, trait);
      case COPY -> copy(invocation);
      default -> {
        if (invocation.base.equals("tee")) {
          for (Word word : invocation.arguments) {
            if (!word.isFlag() && word.known()) {
              write(invocation, word.value(), invocation.value(0).equals("-a"));
            }
          }
        }
      }
    }
  }

  /** Whether the command is a file that the text wrote before; then it is read. */
  void run(Invocation invocation, String name) {
    if (name.indexOf('/') >= 0) {
      Draft.Written written = draft.file(name);
      if (written != null) {
        programs.ranWritten(invocation, written, null);
      }
    }
  }

  private static boolean wraps(Trait trait) {
    return switch (trait.role()) {
      case WRAPPER, ENVIRONMENT, XARGS, SWITCH_USER -> true;
      default -> false;
    };
  }

  private void write(Invocation invocation, String path, boolean append) {
    if (path.equals("/dev/null") || path.isEmpty()) {
      return;
    }
    draft.decoded = false;
    String content = Output.ofCommand(draft, invocation);
    Draft.Written before = append ? draft.file(path) : null;
    if (before != null) {
      String old = before.content();
      content =
          old == null || content == null || !draft.charge(old.length() + content.length())
              ? null
              : old + content;
    }
    int start = invocation.start;
    int end = invocation.end;
    if (!invocation.arguments.isEmpty() && !append) {
      Word last = invocation.arguments.get(invocation.arguments.size() - 1);
      start = last.start();
      end = last.end();
    }
    for (int i = 0; i < invocation.redirections.size(); i++) {
      Redirection redirection = invocation.redirections.get(i);
      if (redirection.kind() == Redirection.Kind.HERE_DOCUMENT) {
        start = redirection.target().start();
        end = redirection.target().end();
      }
    }
    draft.write(path, new Draft.Written(content, invocation.index, start, end));
    if (content != null && Crontab.runsByItself(path)) {
      Interpreter.repaint(draft, invocation);
      invocation.facts |= Bits.of(ShellFact.RUNS_WRITTEN_FILE);
      String program = path.contains("cron") ? Crontab.commands(content) : content;
      programs.run(invocation, program, start, end);
    }
  }

  private void download(Invocation invocation, Trait trait) {
    if (trait.code().isEmpty()) {
      copyFromElsewhere(invocation);
      return;
    }
    List<Word> words = invocation.arguments;
    String url = "";
    boolean named = false;
    boolean remoteName = invocation.base.equals("wget") || invocation.base.equals("aria2c");
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      if (!word.isFlag()) {
        url = value;
        continue;
      }
      boolean isLong = value.startsWith("--");
      int equals = value.indexOf('=');
      String flag = isLong ? value.substring(2, equals < 0 ? value.length() : equals) : "";
      char last = value.charAt(value.length() - 1);
      if ((isLong && trait.code().contains(flag))
          || (!isLong && trait.code().contains("" + last))) {
        String path = equals > 0 ? value.substring(equals + 1) : invocation.value(i + 1);
        draft.write(
            path, new Draft.Written(null, invocation.index, invocation.start, invocation.end));
        named = true;
        i += equals > 0 ? 0 : 1;
      } else {
        remoteName |= flag.equals("remote-name") || (!isLong && value.indexOf('O') > 0);
      }
    }
    if (remoteName && !named && !url.isEmpty()) {
      int query = url.indexOf('?');
      String path = query < 0 ? url : url.substring(0, query);
      draft.write(
          path.substring(path.lastIndexOf('/') + 1),
          new Draft.Written(null, invocation.index, invocation.start, invocation.end));
    }
  }

  /** {@code scp host:file here}, {@code lwp-download url here}. */
  private void copyFromElsewhere(Invocation invocation) {
    List<Word> words = invocation.arguments;
    int last = words.size() - 1;
    if (last < 1 || words.get(last - 1).value().indexOf(':') < 0 || words.get(last).isFlag()) {
      return;
    }
    String from = words.get(last - 1).value();
    String name = from.substring(Math.max(from.lastIndexOf('/'), from.lastIndexOf(':')) + 1);
    String to = words.get(last).value();
    Draft.Written fetched =
        new Draft.Written(null, invocation.index, invocation.start, invocation.end);
    draft.write(to, fetched);
    draft.write(to + "/" + name, fetched);
  }

  private void copy(Invocation invocation) {
    List<String> operands = new ArrayList<>();
    for (Word word : invocation.arguments) {
      if (!word.isFlag()) {
        operands.add(word.value());
      }
    }
    if (operands.size() != 2) {
      return;
    }
    Draft.Written written = draft.file(operands.get(0));
    if (written != null) {
      draft.write(operands.get(1), written);
    }
  }
}
