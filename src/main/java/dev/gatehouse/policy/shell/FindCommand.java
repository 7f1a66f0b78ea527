package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds the commands that {@code find} and {@code fd} start for what they find. */
final class FindCommand {
  /** Characters that telling one argument what was found may cost; beyond, it is not told. */
  private static final int MAX_COST = 1 << 20;

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

  FindCommand(Draft draft, Interpreter interpreter) {
    this.draft = draft;
    this.interpreter = interpreter;
  }

  void read(Invocation invocation, boolean exact) {
    List<Word> words = invocation.arguments;
    String root = words.isEmpty() || words.get(0).isFlag() ? "." : words.get(0).value();
    boolean all = findsAll(words);
    String name = "";
    boolean named = true;
    for (int i = 0; i < words.size(); i++) {
      switch (words.get(i).value()) {
        case "-name", "-iname" -> {
          named &= name.isEmpty() && i + 1 < words.size();
          name = named ? "/" + words.get(i + 1).value() : "";
        }
        case "-o", "-or", "!", "-not", "," -> named = false;
        case "-delete" -> invocation.facts |= Bits.of(ShellFact.FIND_DELETES);
        case "-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch" -> {
          invocation.facts |= Bits.of(ShellFact.FIND_EXECUTES);
          int end = i + 1;
          while (end < words.size() && !endsExec(words, end)) {
            end++;
          }
          List<Word> inner = new ArrayList<>(words.subList(Math.min(i + 1, words.size()), end));
          String below = root.endsWith("/") ? root + Word.HOLE : root + "/" + Word.HOLE;
          String found = all ? root : below + (named ? name : "");
          for (int k = 0; k < inner.size(); k++) {
            String written = inner.get(k).value();
            if (written.contains("{}")) {
              int times = (written.length() - written.replace("{}", "").length()) / 2;
              long cost = written.length() + (long) times * found.length();
              boolean affordable = cost <= MAX_COST && draft.charge((int) cost);
              String value = written.replace("{}", affordable ? found : Programs.HOLE);
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
}
