package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the commands among the arguments of other commands: {@code sudo -u x rm}, {@code find .
 * -exec rm {} ;}.
 */
final class Wrappers {

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
      case FIND -> new FindCommand(draft, interpreter).read(invocation, exact);
      case SSH -> ssh(invocation, trait);
      case SWITCH_USER -> switchUser(invocation, trait, exact);
      case CONTAINER -> new Containers(interpreter).read(invocation, trait, exact);
      case XARGS -> new InputArguments(draft, interpreter, programs).read(invocation, trait, exact);
      case SHELL_TEXT -> {
        int at = afterFlags(words, trait, false);
        for (int i = at; i < words.size(); i++) {
          programs.run(invocation, words.get(i));
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
    boolean byFlags = base.equals("runcon") && at > 0;
    int skip = byFlags ? 0 : trait.skip();
    for (int i = 0; i < Math.min(words.size(), at + skip + 1); i++) {
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
          programs.run(invocation, words.get(i).withValue(value.substring(equals + 1)));
        } else if (base.equals("start-stop-daemon")) {
          executable(invocation, words, i + 1, exact);
        } else if (i + 1 < words.size()) {
          programs.run(invocation, words.get(i + 1));
        }
        return;
      }
    }
    if (at + skip >= words.size()) {
      return;
    }
    at += skip;
    boolean behindDashes = at > 0 && words.get(at - 1).value().equals("--");
    if (!behindDashes && words.get(at).value().equals("--")) {
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
        programs.runJoined(invocation, words.subList(at, words.size()));
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
      programs.run(invocation, word.withValue(value.substring(15)));
      return true;
    }
    if (value.startsWith("-") && !value.startsWith("--") && value.indexOf('S') > 0) {
      int at = value.indexOf('S');
      if (at + 1 < value.length()) {
        programs.run(invocation, word.withValue(value.substring(at + 1)));
      } else if (i + 1 < words.size()) {
        programs.runJoined(invocation, words.subList(i + 1, words.size()));
      }
      return true;
    }
    return false;
  }

  /** Index of the first word behind flags, their values and, where they may stand, assignments. */
  static int afterFlags(List<Word> words, Trait trait, boolean assignments) {
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

  private void ssh(Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      int command = value.indexOf("Command=");
      if (command >= 0) {
        programs.run(invocation, words.get(i).withValue(value.substring(command + 8)));
      }
    }
    int host = afterFlags(words, trait, false);
    int at = host + 1;
    while (at < words.size() && words.get(at).isFlag()) {
      at += trait.valued().indexOf(words.get(at).value().charAt(1)) >= 0 ? 2 : 1;
    }
    if (at < words.size()) {
      programs.runJoined(invocation, words.subList(at, words.size()));
    }
  }

  private void switchUser(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.equals("-c") || value.equals("--command") || value.equals("--session-command")) {
        if (i + 1 < words.size()) {
          programs.run(invocation, words.get(i + 1));
        }
        return;
      }
      if (value.startsWith("--command=")) {
        programs.run(invocation, words.get(i).withValue(value.substring(10)));
        return;
      }
      if (value.equals("-lc") && i + 1 < words.size()) {
        programs.run(invocation, words.get(i + 1));
        return;
      }
    }
    if (invocation.base.equals("runuser")) {
      int at = afterFlags(words, trait, false);
      if (at < words.size() && at > 0) {
        interpreter.wrapped(invocation, words.subList(at, words.size()), exact);
      }
    } else if (invocation.base.equals("sg") && words.size() > 1) {
      programs.runJoined(invocation, words.subList(1, words.size()));
    }
  }
}
