package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Keywords;
import dev.gatehouse.policy.python.PythonArgument;
import dev.gatehouse.policy.python.PythonCall;
import dev.gatehouse.policy.python.PythonFact;
import dev.gatehouse.policy.python.PythonImport;
import dev.gatehouse.policy.python.PythonValue;
import dev.gatehouse.policy.shell.Assignment;
import dev.gatehouse.policy.shell.Redirection;
import dev.gatehouse.policy.shell.ShellCommand;
import dev.gatehouse.policy.shell.ShellFact;
import dev.gatehouse.policy.shell.Word;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Says which of many rules can match an action at all, in one pass over its texts, however many
 * rules there are. Immutable and safe for any thread.
 */
final class RuleIndex {
  /** The bits of rules that nothing is known to be needed for. */
  private final long[] always;

  private final Map<String, long[]> names;
  private final Map<ShellFact, long[]> ofShellFact;
  private final Map<PythonFact, long[]> ofPythonFact;
  private final Keywords words;

  /** The bits of the rules behind each word. */
  private final long[][] ofWord;

  private final boolean wordless;

  private RuleIndex(long[] always, Map<String, long[]> names, Keywords words, long[][] ofWord) {
    this.always = always;
    this.names = names;
    this.ofShellFact = facts(ShellFact.class, names);
    this.ofPythonFact = facts(PythonFact.class, names);
    this.words = words;
    this.ofWord = ofWord;
    this.wordless = ofWord.length == 0;
  }

  /** The index of {@code rules}; a rule's bit is its place. */
  static RuleIndex of(List<Rule> rules) {
    int longs = (rules.size() + 63) >> 6;
    long[] always = new long[longs];
    Map<String, long[]> names = new HashMap<>();
    Map<String, long[]> words = new LinkedHashMap<>();
    for (int i = 0; i < rules.size(); i++) {
      Need need = rules.get(i).when().need();
      int rule = i;
      if (need.always()) {
        set(always, rule);
      }
      need.names().forEach(n -> set(names.computeIfAbsent(n, _ -> new long[longs]), rule));
      need.words().forEach(w -> set(words.computeIfAbsent(w, _ -> new long[longs]), rule));
    }
    return new RuleIndex(
        always,
        names,
        Keywords.of(List.copyOf(words.keySet())),
        words.values().toArray(long[][]::new));
  }

  private static void set(long[] bits, int bit) {
    bits[bit >> 6] |= 1L << bit;
  }

  /** The bits of the rules that can match. Hot path. */
  long[] candidates(Facts facts, boolean reads) {
    long[] rules = always.clone();
    long[] found = new long[(words.size() + 63) >> 6];
    if (!wordless) {
      List<Facts.Argument> texts = facts.texts();
      for (int i = 0; i < texts.size(); i++) {
        words.find(texts.get(i).text(), found);
      }
    }
    if (reads) {
      Readings readings = facts.readings();
      for (int i = 0; i < readings.shells.size(); i++) {
        shell(readings.shells.get(i), rules, found);
      }
      for (int i = 0; i < readings.pythons.size(); i++) {
        python(readings.pythons.get(i), rules, found);
      }
      for (int i = 0; i < readings.programs.size(); i++) {
        if (readings.programs.get(i).origin().depth() > 0) {
          words.find(readings.programs.get(i).text(), found);
        }
      }
    }
    for (int i = 0; i < found.length; i++) {
      for (long bits = found[i]; bits != 0; bits &= bits - 1) {
        or(rules, ofWord[(i << 6) + Long.numberOfTrailingZeros(bits)]);
      }
    }
    return rules;
  }

  private void shell(Readings.Shell shell, long[] rules, long[] found) {
    List<ShellCommand> commands = shell.reading().commands();
    for (int i = 0; i < commands.size(); i++) {
      ShellCommand command = commands.get(i);
      name(command.baseName(), rules);
      if (wordless) {
        continue;
      }
      words.find(command.baseName(), found);
      List<Word> arguments = command.arguments();
      for (int w = 0; w < arguments.size(); w++) {
        words.find(arguments.get(w).value(), found);
      }
      for (Redirection redirection : command.redirections()) {
        words.find(redirection.target().value(), found);
      }
      for (Assignment assignment : command.assignments()) {
        words.find(assignment.name(), found);
        words.find(assignment.value().value(), found);
      }
    }
    for (ShellFact fact : shell.reading().facts()) {
      long[] bits = ofShellFact.get(fact);
      if (bits != null) {
        or(rules, bits);
      }
    }
  }

  private void python(Readings.Python python, long[] rules, long[] found) {
    for (PythonCall call : python.reading().calls()) {
      words.find(call.name(), found);
      value(call.receiver(), found, 0);
      List<PythonArgument> arguments = call.arguments();
      for (int i = 0; i < arguments.size(); i++) {
        value(arguments.get(i).value(), found, 0);
      }
    }
    for (PythonImport one : python.reading().imports()) {
      words.find(one.qualifiedName(), found);
    }
    for (PythonFact fact : python.reading().facts()) {
      long[] bits = ofPythonFact.get(fact);
      if (bits != null) {
        or(rules, bits);
      }
    }
  }

  private void value(PythonValue value, long[] found, int depth) {
    words.find(value.text(), found);
    if (depth < 3) {
      List<PythonValue> items = value.items();
      for (int i = 0; i < items.size(); i++) {
        value(items.get(i), found, depth + 1);
      }
    }
  }

  private void name(String name, long[] rules) {
    long[] bits = names.get(name);
    if (bits != null) {
      or(rules, bits);
    }
  }

  private static void or(long[] rules, long[] more) {
    for (int i = 0; i < more.length; i++) {
      rules[i] |= more[i];
    }
  }

  private static <E extends Enum<E>> Map<E, long[]> facts(
      Class<E> type, Map<String, long[]> names) {
    Map<E, long[]> facts = new EnumMap<>(type);
    for (E fact : type.getEnumConstants()) {
      long[] bits = names.get("fact:" + fact);
      if (bits != null) {
        facts.put(fact, bits);
      }
    }
    return facts;
  }
}
