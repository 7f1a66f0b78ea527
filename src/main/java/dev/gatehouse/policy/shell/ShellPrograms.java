package dev.gatehouse.policy.shell;

import java.util.List;

/**
 * Finds the texts that shells and their builtins run: {@code bash -c}, {@code eval}, {@code trap},
 * {@code source}, functions and aliases.
 */
final class ShellPrograms {
  private final Draft draft;
  private final Programs programs;

  ShellPrograms(Draft draft, Programs programs) {
    this.draft = draft;
    this.programs = programs;
  }

  void shell(Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
    boolean code = false;
    boolean input = false;
    int i = 0;
    for (; i < words.size(); i++) {
      String value = words.get(i).value();
      boolean plus = value.length() > 1 && value.charAt(0) == '+';
      if (!words.get(i).isFlag() && !plus) {
        break;
      }
      if (value.equals("--")) {
        i++;
        break;
      }
      if (value.startsWith("--")) {
        if (value.startsWith("--command=") || value.startsWith("--commands=")) {
          programs.run(invocation, words.get(i).withValue(value.substring(value.indexOf('=') + 1)));
          return;
        }
        code |= value.equals("--command") || value.equals("--commands");
        i += trait.longValued().contains(value.substring(2)) ? 1 : 0;
        continue;
      }
      char last = value.charAt(value.length() - 1);
      input |= value.indexOf('s') > 0;
      if (trait.valued().indexOf(last) >= 0) {
        i++;
      } else if (!plus) {
        code |= value.indexOf('c') > 0 && trait.code().contains("c");
      }
    }
    if (trait.skip() < 0) {
      programs.standardInput(invocation, Language.OTHER);
      return;
    }
    if (code) {
      if (i < words.size()) {
        withArguments(invocation, words.get(i), words, i + 2);
      }
      return;
    }
    if (i < words.size() && !input) {
      programs.script(invocation, words.get(i), words, i + 1, null);
    } else {
      programs.standardInput(invocation, null);
    }
  }

  private void withArguments(Invocation invocation, Word program, List<Word> words, int from) {
    List<String> before = draft.variables().positional(words, from);
    if (from >= words.size()) {
      draft.variables().positional(null);
    }
    programs.run(invocation, program);
    draft.variables().positional(before);
  }

  void eval(Invocation invocation) {
    if (!invocation.arguments.isEmpty()) {
      programs.runJoined(invocation, invocation.arguments);
    }
  }

  void trap(Invocation invocation) {
    for (Word word : invocation.arguments) {
      if (!word.isFlag()) {
        programs.run(invocation, word);
        return;
      }
    }
  }

  void source(Invocation invocation) {
    List<Word> words = invocation.arguments;
    if (!words.isEmpty()) {
      programs.script(invocation, words.get(0), words, 1, null);
    }
  }

  /** {@code run-parts} and supervisors: what the text wrote below the folder runs. */
  void folder(Invocation invocation) {
    for (Word word : invocation.arguments) {
      if (word.value().equals("--test") || word.value().equals("--list")) {
        return;
      }
    }
    for (Word word : invocation.arguments) {
      if (!word.isFlag()) {
        for (Draft.Written written : draft.filesBelow(word.value())) {
          programs.ranWritten(invocation, written, null);
        }
      }
    }
  }

  void crontab(Invocation invocation) {
    for (Word word : invocation.arguments) {
      if (!word.isFlag() && !word.value().equals("-")) {
        Draft.Written written = draft.file(word.value());
        if (written != null && written.content() != null) {
          invocation.facts |= Bits.of(ShellFact.RUNS_WRITTEN_FILE);
          draft.flow(written.command(), invocation.index, Flow.Kind.FILE);
          String lines = Crontab.commands(written.content());
          programs.run(invocation, lines, written.start(), written.end());
        }
        return;
      }
    }
    String input = Output.input(draft, invocation);
    if (input != null) {
      programs.feeders(invocation);
      programs.run(invocation, Crontab.commands(input), invocation.start, invocation.end);
    }
  }

  void function(Invocation invocation, String name, Draft.Body body) {
    int length = body.end() - body.start();
    if (length <= 0 || !draft.start(name)) {
      return;
    }
    if (draft.charge(length + 16) && draft.enter()) {
      List<String> before = draft.variables().positional(invocation.arguments, 0);
      ListParser parser =
          new ListParser(
              draft,
              body.source().part(body.start(), body.end()),
              invocation.context.in(Nesting.FUNCTION));
      parser.stageOf(invocation.pipeline, invocation.position).read(false);
      draft.variables().positional(before);
      draft.leave();
    }
    draft.stop(name);
  }

  void alias(Invocation invocation, String name, Word alias) {
    if (!draft.start(name)) {
      return;
    }
    StringBuilder text = new StringBuilder(alias.value());
    for (Word word : invocation.arguments) {
      text.append(' ');
      quote(word.value(), text);
    }
    programs.run(invocation, text.toString(), alias.start(), alias.end(), 0, Nesting.ALIAS);
    draft.stop(name);
  }

  private static void quote(String value, StringBuilder out) {
    out.append('\'').append(value.replace("'", "'\\''")).append('\'');
  }
}
