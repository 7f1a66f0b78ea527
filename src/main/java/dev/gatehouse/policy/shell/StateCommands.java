package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows the builtins that change what later commands see: variables and aliases. */
final class StateCommands {
  /** Longer inputs of {@code mapfile} are not told apart. */
  private static final int MAX_LINES = 4_096;

  private final Draft draft;

  StateCommands(Draft draft) {
    this.draft = draft;
  }

  void declare(Invocation invocation) {
    for (Word word : invocation.arguments) {
      String value = word.value();
      int equals = value.indexOf('=');
      if (equals > 0 && Parameters.name(0, equals, value) == equals) {
        draft
            .variables()
            .add(
                value.substring(0, equals),
                new Variables.Value(
                    new String[] {value.substring(equals + 1)},
                    false,
                    word.firstInner(),
                    word.lastInner()));
      }
    }
  }

  void alias(Invocation invocation) {
    for (Word word : invocation.arguments) {
      String value = word.value();
      int equals = value.indexOf('=');
      if (equals > 0) {
        String name = value.substring(0, equals);
        draft.alias(name, word.withValue(value.substring(equals + 1)));
        if (Commands.common(name) && !value.startsWith(name, equals + 1)) {
          invocation.facts |= Bits.of(ShellFact.SHADOWS_COMMAND);
        }
      }
    }
  }

  void set(Invocation invocation) {
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.equals("--") || (!words.get(i).isFlag() && !value.startsWith("+"))) {
        int from = value.equals("--") ? i + 1 : i;
        if (i > 0 && words.get(i - 1).value().equals("-o")) {
          return;
        }
        List<String> arguments = new ArrayList<>();
        for (Word word : words.subList(from, words.size())) {
          arguments.add(word.value());
        }
        draft.variables().positional(List.copyOf(arguments));
        return;
      }
    }
  }

  void read(Invocation invocation) {
    String input = Output.input(draft, invocation);
    if (!invocation.base.equals("read")) {
      lines(invocation, input);
      return;
    }
    List<Word> words = invocation.arguments;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      if (word.isFlag()) {
        char last = word.value().charAt(word.value().length() - 1);
        if ("dinNptu".indexOf(last) >= 0) {
          i++;
        }
      } else {
        names.add(word.value());
      }
    }
    String line = input == null ? null : input.strip();
    int last = invocation.index;
    draft.lastRead = last;
    int first = invocation.position > 0 ? draft.firstCommand(invocation.pipeline) : last;
    for (int i = 0; i < names.size(); i++) {
      String text = String.valueOf(Word.HOLE);
      if (line != null && line.indexOf('\n') < 0) {
        int blank = i + 1 < names.size() ? line.indexOf(' ') : -1;
        text = blank < 0 ? line : line.substring(0, blank);
        line = blank < 0 ? "" : line.substring(blank).strip();
      }
      Variables.Value value = new Variables.Value(new String[] {text}, false, first, last);
      if (draft.again) {
        draft.variables().set(names.get(i), value);
      } else {
        draft.variables().add(names.get(i), value);
      }
    }
  }

  /** {@code mapfile} and {@code readarray}. */
  private void lines(Invocation invocation, @Nullable String input) {
    List<Word> words = invocation.arguments;
    Word last = words.isEmpty() ? null : words.get(words.size() - 1);
    String name = last == null || last.isFlag() ? "MAPFILE" : last.value();
    String[] lines =
        input == null || input.length() > MAX_LINES
            ? new String[] {String.valueOf(Word.HOLE)}
            : input.split("\n");
    draft.variables().set(name, new Variables.Value(lines, true, -1, -1));
  }

  void printf(Invocation invocation) {
    List<Word> words = invocation.arguments;
    if (words.size() >= 3 && words.get(0).value().equals("-v")) {
      String text = Printing.printf(draft, words.subList(2, words.size()));
      draft
          .variables()
          .add(
              words.get(1).value(),
              Variables.Value.of(text == null ? String.valueOf(Word.HOLE) : text));
    }
  }
}
