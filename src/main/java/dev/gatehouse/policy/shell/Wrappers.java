package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Finds the commands among the arguments of other commands: {@code sudo -u x rm}, {@code find .
 * -exec rm {} ;}.
 */
final class Wrappers {
  private static final int MAX_STANDARD_INPUT_WORDS = 64;

  /** So many runs of a command that is started once for each of its inputs are told apart. */
  private static final int MAX_RUNS = 16;

  /** Flags of find that leave its root among what is found. */
  private static final Set<String> UNFILTERED =
      Set.of(
          "-depth",
          "-d",
          "-print",
          "-print0",
          "-delete",
          "-L",
          "-H",
          "-P",
          "-xdev",
          "-mount",
          "-follow",
          "-X",
          "-x",
          "-f",
          "-s",
          "-ls",
          "-maxdepth");

  private final Draft draft;
  private final Interpreter interpreter;
  private final Programs programs;

  Wrappers(Draft draft, Interpreter interpreter, Programs programs) {
    this.draft = draft;
    this.interpreter = interpreter;
    this.programs = programs;
  }

  void peel(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    switch (trait.role()) {
      case FIND -> find(invocation, exact);
      case SSH -> ssh(invocation, trait);
      case SWITCH_USER -> switchUser(invocation, trait, exact);
      case CONTAINER -> container(invocation, trait, exact);
      case XARGS -> xargs(invocation, trait, exact);
      case SHELL_TEXT -> {
        int at = afterFlags(words, trait, false);
        for (int i = at; i < words.size(); i++) {
          text(invocation, words, i, i + 1);
        }
      }
      default -> plain(invocation, trait, exact);
    }
  }

  private void plain(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    String base = invocation.base;
    if (base.equals("command") && !words.isEmpty()) {
      String first = words.get(0).value();
      if (first.equals("-v") || first.equals("-V")) {
        return;
      }
    }
    int at = afterFlags(words, trait, trait.role() == Role.ENVIRONMENT);
    for (int i = 0; i < Math.min(words.size(), at + trait.skip() + 1); i++) {
      String value = words.get(i).value();
      if (base.equals("env") && splitString(invocation, value, words, i)) {
        return;
      }
      int equals = value.indexOf('=');
      boolean isLong = value.startsWith("--");
      String flag =
          words.get(i).isFlag()
              ? value.substring(isLong ? 2 : 1, isLong && equals > 0 ? equals : value.length())
              : "";
      String last = flag.isEmpty() || isLong ? flag : flag.substring(flag.length() - 1);
      if (!trait.code().isEmpty() && (trait.code().contains(flag) || trait.code().contains(last))) {
        if (isLong && equals > 0) {
          run(invocation, words.get(i).withValue(value.substring(equals + 1)));
        } else if (base.equals("start-stop-daemon")) {
          executable(invocation, words, i + 1, exact);
        } else if (i + 1 < words.size()) {
          run(invocation, words.get(i + 1));
        }
        return;
      }
    }
    if (at + trait.skip() >= words.size()) {
      if (base.equals("sudo") || base.equals("doas")) {
        return;
      }
      return;
    }
    at += trait.skip();
    if ((at > 0 && words.get(at - 1).value().equals("--")) || !words.get(at).value().equals("--")) {
      // The command starts here.
    } else {
      at++;
    }
    if (at >= words.size()) {
      return;
    }
    if (base.equals("watch")) {
      boolean direct = false;
      for (int i = 0; i < at; i++) {
        direct |= words.get(i).value().equals("-x") || words.get(i).value().equals("--exec");
      }
      if (!direct) {
        text(invocation, words, at, words.size());
        return;
      }
    }
    interpreter.wrapped(invocation, words.subList(at, words.size()), exact);
  }

  /** {@code start-stop-daemon -x /bin/sh -- -c ..}. */
  private void executable(Invocation invocation, List<Word> words, int at, boolean exact) {
    if (at >= words.size()) {
      return;
    }
    List<Word> inner = new ArrayList<>();
    inner.add(words.get(at));
    for (int i = at + 1; i < words.size(); i++) {
      if (words.get(i).value().equals("--")) {
        inner.addAll(words.subList(i + 1, words.size()));
        break;
      }
    }
    interpreter.wrapped(invocation, inner, exact);
  }

  private boolean splitString(Invocation invocation, String value, List<Word> words, int i) {
    Word word = words.get(i);
    if (value.startsWith("--split-string=")) {
      run(invocation, word.withValue(value.substring(15)));
      return true;
    }
    if (value.startsWith("-") && !value.startsWith("--") && value.indexOf('S') > 0) {
      int at = value.indexOf('S');
      if (at + 1 < value.length()) {
        run(invocation, word.withValue(value.substring(at + 1)));
      } else if (i + 1 < words.size()) {
        text(invocation, words, i + 1, words.size());
      }
      return true;
    }
    return false;
  }

  /** Index of the first word behind flags, their values and, where they may stand, assignments. */
  private static int afterFlags(List<Word> words, Trait trait, boolean assignments) {
    int i = 0;
    for (; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      if (value.equals("--")) {
        return i + 1;
      }
      if (!word.isFlag()) {
        if (value.equals("-") || (assignments && isAssignment(value))) {
          continue;
        }
        break;
      }
      if (value.startsWith("--")) {
        if (trait.longValued().contains(value.substring(2))) {
          i++;
        }
        continue;
      }
      for (int at = 1; at < value.length(); at++) {
        if (trait.valued().indexOf(value.charAt(at)) >= 0) {
          i += at == value.length() - 1 ? 1 : 0;
          break;
        }
      }
    }
    return Math.min(i, words.size());
  }

  private static boolean isAssignment(String value) {
    int equals = value.indexOf('=');
    return equals > 0 && Parameters.name(0, equals, value) == equals;
  }

  private void run(Invocation invocation, Word word) {
    programs.run(invocation, word.value(), word.start(), word.end(), 0, Nesting.NESTED_TEXT);
  }

  private void text(Invocation invocation, List<Word> words, int from, int to) {
    int start = words.get(from).start();
    String text = programs.joined(words.subList(from, to), 0);
    programs.run(
        invocation, text, start, Math.max(start, words.get(to - 1).end()), 0, Nesting.NESTED_TEXT);
  }

  private void find(Invocation invocation, boolean exact) {
    List<Word> words = invocation.arguments;
    String root = words.isEmpty() || words.get(0).isFlag() ? "." : words.get(0).value();
    boolean all = findsAll(words);
    for (int i = 0; i < words.size(); i++) {
      switch (words.get(i).value()) {
        case "-delete" -> invocation.facts |= Bits.of(ShellFact.FIND_DELETES);
        case "-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch" -> {
          invocation.facts |= Bits.of(ShellFact.FIND_EXECUTES);
          int end = i + 1;
          while (end < words.size() && !endsExec(words, end)) {
            end++;
          }
          List<Word> inner = new ArrayList<>(words.subList(Math.min(i + 1, words.size()), end));
          String below = root.endsWith("/") ? root + Word.HOLE : root + "/" + Word.HOLE;
          String found = all ? root : below;
          for (int k = 0; k < inner.size(); k++) {
            if (inner.get(k).value().contains("{}")) {
              String value = inner.get(k).value().replace("{}", found);
              inner.set(k, inner.get(k).withValue(value));
            }
          }
          interpreter.wrapped(invocation, inner, exact);
          i = end;
        }
        default -> {}
      }
    }
  }

  /** Whether nothing narrows down what is found, so that the root of the search is the first. */
  static boolean findsAll(List<Word> words) {
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.startsWith("-exec") || value.startsWith("-ok") || value.equals("--exec")) {
        return true;
      }
      if (words.get(i).isFlag() && !UNFILTERED.contains(value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean endsExec(List<Word> words, int at) {
    String value = words.get(at).value();
    return value.equals(";") || (value.equals("+") && words.get(at - 1).value().equals("{}"));
  }

  private void ssh(Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      int command = value.indexOf("Command=");
      if (command >= 0) {
        run(invocation, words.get(i).withValue(value.substring(command + 8)));
      }
    }
    int host = afterFlags(words, trait, false);
    int at = host + 1;
    while (at < words.size() && words.get(at).isFlag()) {
      at += trait.valued().indexOf(words.get(at).value().charAt(1)) >= 0 ? 2 : 1;
    }
    if (at < words.size()) {
      text(invocation, words, at, words.size());
    }
  }

  private void switchUser(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.equals("-c") || value.equals("--command") || value.equals("--session-command")) {
        if (i + 1 < words.size()) {
          run(invocation, words.get(i + 1));
        }
        return;
      }
      if (value.startsWith("--command=")) {
        run(invocation, words.get(i).withValue(value.substring(10)));
        return;
      }
      if (value.equals("-lc") && i + 1 < words.size()) {
        run(invocation, words.get(i + 1));
        return;
      }
    }
    if (invocation.base.equals("runuser")) {
      int at = afterFlags(words, trait, false);
      if (at < words.size() && at > 0) {
        interpreter.wrapped(invocation, words.subList(at, words.size()), exact);
      }
    } else if (invocation.base.equals("sg") && words.size() > 1) {
      text(invocation, words, 1, words.size());
    }
  }

  private void container(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    int at = afterFlags(words, trait, false);
    while (at < words.size() && isGroup(words.get(at).value())) {
      at++;
    }
    if (at >= words.size()) {
      return;
    }
    switch (words.get(at).value()) {
      case "exec", "run", "shell", "debug" -> {
        List<Word> rest = words.subList(at + 1, words.size());
        for (int i = 0; i < rest.size(); i++) {
          if (rest.get(i).value().equals("--")) {
            interpreter.wrapped(invocation, rest.subList(i + 1, rest.size()), exact);
            return;
          }
        }
        Word entry = null;
        for (int i = 0; i < rest.size(); i++) {
          String value = rest.get(i).value();
          if (value.startsWith("--entrypoint=")) {
            entry = rest.get(i).withValue(value.substring(13));
          } else if (value.equals("--entrypoint") && i + 1 < rest.size()) {
            entry = rest.get(i + 1);
          }
        }
        int target = skipContainerFlags(rest);
        List<Word> inner = new ArrayList<>();
        if (entry != null) {
          inner.add(entry);
        }
        if (target + 1 < rest.size()) {
          inner.addAll(rest.subList(target + 1, rest.size()));
        }
        interpreter.wrapped(invocation, inner, exact);
      }
      default -> {}
    }
  }

  private static boolean isGroup(String value) {
    return value.equals("container") || value.equals("compose");
  }

  private static int skipContainerFlags(List<Word> words) {
    int i = 0;
    while (i < words.size() && words.get(i).isFlag()) {
      String value = words.get(i).value();
      if (value.startsWith("--")) {
        boolean single =
            value.indexOf('=') > 0
                || switch (value) {
                  case "--rm",
                      "--interactive",
                      "--tty",
                      "--privileged",
                      "--detach",
                      "--init",
                      "--read-only",
                      "--publish-all",
                      "--stdin" ->
                      true;
                  default -> false;
                };
        i += single ? 1 : 2;
      } else {
        char last = value.charAt(value.length() - 1);
        i += "itdqPT".indexOf(last) >= 0 || value.indexOf('=') > 0 ? 1 : 2;
      }
    }
    return i;
  }

  private void xargs(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    int at = afterFlags(words, trait, false);
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
      programs.run(invocation, String.join("\n", input), start, stop, 0, Nesting.NESTED_TEXT);
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
      text(invocation, inner, 0, inner.size());
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
        text(invocation, inner, 0, 1);
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
