package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds the commands that {@code find} and {@code fd} start for what they find. */
final class FindCommand {
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

  private final Interpreter interpreter;

  FindCommand(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  void read(Invocation invocation, boolean exact) {
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
          String found = all ? root : below + named(words, i);
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

  /** The name that what is found has, behind a slash; empty if it may have several. */
  private static String named(List<Word> words, int end) {
    String name = "";
    for (int i = 0; i + 1 < end; i++) {
      switch (words.get(i).value()) {
        case "-name", "-iname" -> {
          if (!name.isEmpty()) {
            return "";
          }
          name = "/" + words.get(i + 1).value();
        }
        case "-o", "-or", "!", "-not", "," -> {
          return "";
        }
        default -> {}
      }
    }
    return name;
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
}
