package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;

/** Finds the commands that {@code xargs} and {@code parallel} make of what they read. */
final class InputArguments {
  private static final int MAX_STANDARD_INPUT_WORDS = 64;

  /** So many runs of a command that is started once for each of its inputs are told apart. */
  private static final int MAX_RUNS = 16;

  private final Draft draft;
  private final Interpreter interpreter;
  private final Programs programs;

  InputArguments(Draft draft, Interpreter interpreter, Programs programs) {
    this.draft = draft;
    this.interpreter = interpreter;
    this.programs = programs;
  }

  void read(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    int at = Wrappers.afterFlags(words, trait, false);
    String replaced = invocation.base.equals("parallel") ? "{}" : "";
    for (int i = 0; i < at; i++) {
      String value = words.get(i).value();
      if (value.startsWith("-I")) {
        replaced = value.length() > 2 ? value.substring(2) : invocation.value(i + 1);
      } else if (value.equals("-i") || value.equals("--replace")) {
        replaced = "{}";
      }
    }
    if (at >= words.size() && !invocation.base.equals("parallel")) {
      return;
    }
    List<Word> inner = new ArrayList<>();
    List<String> input = new ArrayList<>();
    int end = words.size();
    for (int i = at; i < words.size(); i++) {
      if (words.get(i).value().startsWith(":::")) {
        end = i;
        for (Word word : words.subList(i + 1, words.size())) {
          input.add(word.value());
        }
        break;
      }
    }
    if (end == words.size()) {
      String text = Output.input(draft, invocation);
      if (text == null) {
        input.add(String.valueOf(Word.HOLE));
      } else {
        boolean lines = !replaced.isEmpty() || invocation.base.equals("parallel");
        split(text, input, lines);
      }
    }
    if (at == end && invocation.base.equals("parallel")) {
      Word place = words.isEmpty() ? null : words.get(words.size() - 1);
      int start = place == null ? invocation.start : place.start();
      int stop = place == null ? invocation.end : Math.max(start, place.end());
      programs.run(invocation, String.join("\n", input), start, stop);
      return;
    }
    boolean nested = invocation.context.wrappers().contains(invocation.base);
    if (!replaced.isEmpty() && input.size() > 1 && !nested && mentions(words, at, end, replaced)) {
      each(invocation, words.subList(at, end), replaced, input, exact);
      return;
    }
    for (Word word : words.subList(at, end)) {
      String value = word.value();
      if (!replaced.isEmpty() && value.contains(replaced) && draft.charge(value.length())) {
        for (String text : input) {
          if (draft.charge(value.length() + text.length())) {
            inner.add(word.withValue(value.replace(replaced, text)));
          }
        }
      } else {
        inner.add(word);
      }
    }
    if (inner.isEmpty()) {
      return;
    }
    boolean appends =
        replaced.isEmpty()
            || (invocation.base.equals("parallel") && !mentions(words, at, end, replaced));
    if (appends) {
      Word last = inner.get(inner.size() - 1);
      for (String text : input) {
        inner.add(
            new Word(
                text, text.indexOf(Word.HOLE) < 0, true, false, -1, -1, last.start(), last.end()));
      }
    }
    if (invocation.base.equals("parallel") && words.subList(at, end).size() == 1) {
      programs.runJoined(invocation, inner);
    } else {
      interpreter.wrapped(invocation, inner, exact);
    }
  }

  /** One run of the command for each of the inputs. */
  private void each(
      Invocation invocation,
      List<Word> command,
      String replaced,
      List<String> input,
      boolean exact) {
    for (int run = 0; run < Math.min(MAX_RUNS, input.size()); run++) {
      String text = run == MAX_RUNS - 1 ? String.valueOf(Word.HOLE) : input.get(run);
      List<Word> inner = new ArrayList<>(command.size());
      for (Word word : command) {
        String value = word.value();
        boolean given = value.contains(replaced) && draft.charge(value.length() + text.length());
        inner.add(given ? word.withValue(value.replace(replaced, text)) : word);
      }
      if (inner.size() == 1) {
        programs.runJoined(invocation, inner);
      } else {
        interpreter.wrapped(invocation, inner, exact);
      }
    }
  }

  private static boolean mentions(List<Word> words, int from, int to, String part) {
    for (int i = from; i < to; i++) {
      if (words.get(i).value().contains(part)) {
        return true;
      }
    }
    return false;
  }

  /** Words, or whole lines where each is one argument. */
  private void split(String text, List<String> words, boolean lines) {
    int at = 0;
    while (at < text.length()) {
      while (at < text.length() && (text.charAt(at) <= ' ')) {
        at++;
      }
      int from = at;
      while (at < text.length() && (lines ? text.charAt(at) != '\n' : text.charAt(at) > ' ')) {
        at++;
      }
      if (at > from) {
        if (words.size() >= MAX_STANDARD_INPUT_WORDS) {
          words.add(String.valueOf(Word.HOLE));
          return;
        }
        words.add(text.substring(from, at));
      }
    }
  }
}
