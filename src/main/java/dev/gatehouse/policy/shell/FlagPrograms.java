package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import java.util.List;

/**
 * Finds the program texts that flags of other commands hold: {@code tar --to-command}, {@code vim
 * -c}.
 */
final class FlagPrograms {
  /**
   * What may stand in front of an editor's {@code !}: addresses, and what becomes of the output.
   */
  private static final String BEFORE_BANG = ":0123456789,.$% rwe";

  private static final int MAX_KEYS = 1 << 12;

  private final Draft draft;
  private final Interpreter interpreter;
  private final Programs programs;

  FlagPrograms(Draft draft, Interpreter interpreter, Programs programs) {
    this.draft = draft;
    this.interpreter = interpreter;
    this.programs = programs;
  }

  void read(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    if (trait.role() == Role.EDITOR) {
      keys(invocation);
    }
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      if (value.startsWith("+") && trait.role() == Role.EDITOR) {
        flagText(invocation, trait, word.withValue(value.substring(1)));
        continue;
      }
      if (!word.isFlag()) {
        continue;
      }
      int equals = value.indexOf('=');
      int dashes = value.startsWith("--") ? 2 : 1;
      String flag = value.substring(dashes, equals < 0 ? value.length() : equals);
      if (flag.equals("args") && invocation.base.equals("gdb")) {
        interpreter.wrapped(invocation, words.subList(i + 1, words.size()), exact);
        return;
      }
      if (trait.code().contains(flag)) {
        if (equals > 0) {
          flagText(invocation, trait, word.withValue(value.substring(equals + 1)));
        } else if (i + 1 < words.size()) {
          flagText(invocation, trait, words.get(i + 1));
        }
      } else if (dashes == 1 && flag.length() > 1 && trait.role() == Role.SHELL_FLAG) {
        cluster(invocation, trait, i);
      }
    }
  }

  /** Letters behind one dash: the first that takes a text has it behind it, or in the next word. */
  private void cluster(Invocation invocation, Trait trait, int at) {
    List<Word> words = invocation.arguments;
    Word word = words.get(at);
    String value = word.value();
    for (int i = 1; i < value.length(); i++) {
      if (!trait.code().contains(value.substring(i, i + 1))) {
        continue;
      }
      if (i + 1 < value.length()) {
        flagText(invocation, trait, word.withValue(value.substring(i + 1)));
      } else if (at + 1 < words.size()) {
        flagText(invocation, trait, words.get(at + 1));
      }
      return;
    }
  }

  private void flagText(Invocation invocation, Trait trait, Word word) {
    String text = word.value();
    if (trait.role() == Role.EDITOR) {
      editorCommand(invocation, word, text);
      return;
    }
    if (text.startsWith("exec=")) {
      text = text.substring(5);
    }
    int macro = text.indexOf("%(");
    if (macro >= 0 && text.lastIndexOf(')') > macro) {
      text = text.substring(macro + 2, text.lastIndexOf(')'));
    }
    programs.run(invocation, text, word.start(), word.end());
  }

  /** Lines on standard input that an editor or a pager takes for commands: {@code !rm x}. */
  private void keys(Invocation invocation) {
    if (!Output.hasInput(draft, invocation)) {
      return;
    }
    String input = Output.input(draft, invocation);
    if (input == null || input.indexOf('!') < 0) {
      return;
    }
    programs.feeders(invocation);
    for (String line : input.substring(0, Math.min(MAX_KEYS, input.length())).split("\n", -1)) {
      int at = 0;
      while (at < line.length() && BEFORE_BANG.indexOf(line.charAt(at)) >= 0) {
        at++;
      }
      if (at < line.length() && line.charAt(at) == '!' && draft.charge(line.length())) {
        programs.run(invocation, line.substring(at + 1), invocation.start, invocation.end);
      }
    }
  }

  private void editorCommand(Invocation invocation, Word word, String text) {
    int bang = text.indexOf('!');
    int at = 0;
    while (at < text.length() && (text.charAt(at) == ':' || text.charAt(at) == ' ')) {
      at++;
    }
    String command = text.substring(at);
    int blank = command.indexOf(' ');
    String verb = blank < 0 ? command : command.substring(0, blank);
    if (verb.startsWith("py") && blank > 0) {
      programs.embed(
          invocation, Language.PYTHON, command.substring(blank + 1), word.start(), word.end());
    } else if (verb.startsWith("lua") && blank > 0) {
      programs.embed(
          invocation, Language.LUA, command.substring(blank + 1), word.start(), word.end());
    } else if (verb.equals("shell") && blank > 0) {
      programs.run(invocation, command.substring(blank + 1), word.start(), word.end());
    } else if (bang >= 0) {
      programs.run(invocation, text.substring(bang + 1), word.start(), word.end());
    } else {
      programs.embed(invocation, Language.OTHER, text, word.start(), word.end());
    }
  }
}
