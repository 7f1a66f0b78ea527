package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import java.util.List;

/**
 * Finds the program texts that flags of other commands hold: {@code tar --to-command}, {@code vim
 * -c}.
 */
final class FlagPrograms {
  private final Programs programs;

  FlagPrograms(Programs programs) {
    this.programs = programs;
  }

  void read(Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
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
      if (trait.code().contains(flag)) {
        if (equals > 0) {
          flagText(invocation, trait, word.withValue(value.substring(equals + 1)));
        } else if (i + 1 < words.size()) {
          flagText(invocation, trait, words.get(i + 1));
        }
      } else if (dashes == 1
          && flag.length() > 1
          && trait.role() == Role.SHELL_FLAG
          && trait.code().contains(flag.substring(flag.length() - 1))
          && i + 1 < words.size()) {
        flagText(invocation, trait, words.get(i + 1));
      }
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
