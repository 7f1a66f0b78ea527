package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the command that is started in a container: {@code docker run --rm x rm}, {@code kubectl
 * exec x -- rm}.
 */
final class Containers {
  private final Interpreter interpreter;

  Containers(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  void read(Invocation invocation, Trait trait, boolean exact) {
    List<Word> words = invocation.arguments;
    int at = Wrappers.afterFlags(words, trait, false);
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
}
