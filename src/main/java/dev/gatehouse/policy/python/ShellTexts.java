package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the commands that calls run: command lines for a shell, and argument vectors. */
final class ShellTexts {
  /** So many programs that were started lately can be the one that is written to. */
  private static final int MOST_PROGRAMS = 16;

  /** Ends a text that is handed to a program on a command line. */
  private static final String END = "END_OF_INPUT";

  private ShellTexts() {}

  static void find(PythonDraft draft, PythonCall call, int index, CommandForm form) {
    switch (form) {
      case LINE -> line(draft, call, index, first(call, "cmd", "command"));
      case PROCESS -> process(draft, call, index, first(call, "args", "args"));
      case TERMINAL -> process(draft, call, index, first(call, "argv", "argv"));
      case VECTOR -> vector(draft, call, index, 0, false);
      case EXECUTE -> vector(draft, call, index, 0, true);
      case SPAWN -> vector(draft, call, index, 1, true);
      case PROGRAM -> program(draft, call, index, 0);
      case SPAWN_PROGRAM -> program(draft, call, index, 1);
      case PIP -> module(draft, call, index, "pip", call.argument("args", 0));
      case COMMUNICATE -> feed(draft, call, index, call.argument("input", 0));
      case INPUT -> feed(draft, call, index, call.positional(0));
      case FIRST -> line(draft, call, index, call.positional(0));
      case NONE -> {}
    }
  }

  private static @Nullable PythonValue first(PythonCall call, String keyword, String other) {
    PythonValue value = call.argument(keyword, 0);
    return value != null ? value : call.keyword(other);
  }

  private static void line(
      PythonDraft draft, PythonCall call, int index, @Nullable PythonValue value) {
    if (value == null) {
      return;
    }
    if (value.kind() == Kind.SEQUENCE) {
      words(draft, call, index, value.items());
      return;
    }
    String text = value.isText() ? value.text() : Values.HOLE;
    add(draft, call, index, text, List.of());
  }

  private static void process(
      PythonDraft draft, PythonCall call, int index, @Nullable PythonValue value) {
    if (value == null) {
      return;
    }
    PythonValue shell = call.keyword("shell");
    boolean isShell = shell != null && !shell.text().equals("False") && !shell.text().equals("0");
    if (isShell && value.kind() == Kind.SEQUENCE && !value.items().isEmpty()) {
      add(draft, call, index, Values.textFor(value.items().get(0)), List.of());
      return;
    }
    line(draft, call, index, value);
    PythonValue input = call.keyword("input");
    if (input != null && !draft.shellTexts.isEmpty()) {
      feed(draft, call, index, draft.shellTexts.getLast(), input);
    }
  }

  /** The arguments of a module that is a program as well. */
  private static void module(
      PythonDraft draft, PythonCall call, int index, String name, @Nullable PythonValue arguments) {
    List<PythonValue> values = new ArrayList<>();
    values.add(PythonValue.string(name));
    values.addAll(
        arguments == null || arguments.kind() != Kind.SEQUENCE
            ? List.of(PythonValue.UNKNOWN)
            : arguments.items());
    words(draft, call, index, values);
  }

  /** What is written to a program that was started before. */
  private static void feed(
      PythonDraft draft, PythonCall call, int index, @Nullable PythonValue input) {
    int last = draft.shellTexts.size() - 1;
    for (int i = last; input != null && i >= 0 && i > last - MOST_PROGRAMS; i--) {
      ShellText program = draft.shellTexts.get(i);
      if (program.call() == call.receiver().call()) {
        feed(draft, call, index, program, input);
        return;
      }
    }
  }

  private static void feed(
      PythonDraft draft, PythonCall call, int index, ShellText program, PythonValue input) {
    String text = Values.textFor(input);
    StringBuilder line = new StringBuilder(program.text());
    for (String word : program.words()) {
      line.append('\'').append(word.replace("'", "'\\''")).append("' ");
    }
    if (draft.charge(line.length() + (long) text.length())) {
      line.append(" <<'").append(END).append("'\n").append(text).append('\n').append(END);
      add(draft, call, index, line.append('\n').toString(), List.of());
    }
  }

  private static void vector(
      PythonDraft draft, PythonCall call, int index, int from, boolean repeatsName) {
    List<PythonValue> values = new ArrayList<>();
    for (int i = from; i < call.arguments().size(); i++) {
      boolean second = repeatsName && i == from + 1;
      if (call.arguments().get(i).keyword().isEmpty() && !second) {
        values.add(call.arguments().get(i).value());
      }
    }
    words(draft, call, index, values);
  }

  /** {@code execv(path, argv)}: the first of argv is only what the program is told its name is. */
  private static void program(PythonDraft draft, PythonCall call, int index, int from) {
    PythonValue path = call.positional(from);
    PythonValue arguments = call.positional(from + 1);
    if (path == null) {
      return;
    }
    List<PythonValue> values = new ArrayList<>();
    values.add(path);
    if (arguments != null && arguments.kind() == Kind.SEQUENCE) {
      List<PythonValue> items = arguments.items();
      values.addAll(items.subList(Math.min(1, items.size()), items.size()));
    } else {
      values.add(PythonValue.UNKNOWN);
    }
    words(draft, call, index, values);
  }

  private static void words(
      PythonDraft draft, PythonCall call, int index, List<PythonValue> values) {
    if (values.isEmpty()) {
      return;
    }
    List<String> words = new ArrayList<>(values.size());
    for (PythonValue value : values) {
      words.add(Values.textFor(Values.isChoice(value) ? value.items().get(0) : value));
    }
    add(draft, call, index, "", words);
    for (int i = 0; i < values.size(); i++) {
      if (Values.isChoice(values.get(i))) {
        others(draft, call, index, words, i, values.get(i).items());
      }
    }
  }

  /** The same words with each of the others that may stand at one place. */
  private static void others(
      PythonDraft draft,
      PythonCall call,
      int index,
      List<String> words,
      int place,
      List<PythonValue> choices) {
    for (int i = 1; i < choices.size() && draft.charge(words.size()); i++) {
      List<String> other = new ArrayList<>(words);
      other.set(place, Values.textFor(choices.get(i)));
      add(draft, call, index, "", other);
    }
  }

  private static void add(
      PythonDraft draft, PythonCall call, int index, String text, List<String> words) {
    boolean known = text.indexOf(PythonValue.HOLE) < 0;
    for (String word : words) {
      known &= word.indexOf(PythonValue.HOLE) < 0;
    }
    int start = call.start();
    int end = call.end();
    if (!call.arguments().isEmpty()) {
      start = call.arguments().get(0).start();
      end = Math.max(start, call.arguments().get(0).end());
    }
    draft.shellTexts.add(new ShellText(text, List.copyOf(words), known, index, start, end));
  }
}
