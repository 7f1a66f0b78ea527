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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says which of many rules can match an action at all, in one pass over its texts, however many
 * rules there are. Immutable and safe for any thread.
 */
final class RuleIndex {
  private static final int NAMES = 1024;
  private static final int LONGEST_NAME = 64;
  private static final long[] NONE = {};

  /** The name of a call, and the clauses and words that it meets by itself. */
  private static final class Named {
    final String name;
    final long[] rules;
    final long[] found;

    Named(String name, long[] rules, long[] found) {
      this.name = name;
      this.rules = rules;
      this.found = found;
    }
  }

  /** The clauses that demand no name, and those that demand no word. */
  private final long[] nameless;

  private final long[] wordless;

  /** The clauses that demand a context. */
  private final long[] contextual;

  /** The rule behind each clause. */
  private final int[] ruleOf;

  private final int rules;

  /**
   * Names of calls that were met lately. Safe for any thread without a lock: an entry is immutable,
   * and one that is lost is found again.
   */
  private final @Nullable Named[] lately = new @Nullable Named[NAMES];

  private final Map<String, long[]> names;
  private final Map<String, long[]> ofCall;
  private final Map<String, long[]> ofMethod;
  private final Map<ShellFact, long[]> ofShellFact;
  private final Map<PythonFact, long[]> ofPythonFact;
  private final Keywords words;

  /** The clauses that each word meets. */
  private final long[][] ofWord;

  /** The word that is a sign of file patterns; -1 where no clause asks for it. */
  private final int[] ofSign = new int[PathPattern.SIGNS];

  private final boolean asksForSigns;

  private RuleIndex(Draft draft, int rules) {
    this.rules = rules;
    this.ruleOf = draft.ruleOf.stream().mapToInt(Integer::intValue).toArray();
    this.nameless = draft.bits(draft.nameless);
    this.wordless = draft.bits(draft.wordless);
    this.contextual = draft.bits(draft.contextual);
    this.names = new HashMap<>();
    draft.names.forEach((name, clauses) -> names.put(name, draft.bits(clauses)));
    this.ofCall = startingWith(CallTest.CALL, names);
    this.ofMethod = startingWith(CallTest.METHOD, names);
    this.ofShellFact = facts(ShellFact.class, names);
    this.ofPythonFact = facts(PythonFact.class, names);
    List<String> list = List.copyOf(draft.words.keySet());
    this.words = Keywords.of(list);
    Arrays.setAll(ofSign, sign -> list.indexOf(PathPattern.word(sign)));
    this.asksForSigns = Arrays.stream(ofSign).anyMatch(word -> word >= 0);
    this.ofWord = draft.words.values().stream().map(draft::bits).toArray(long[][]::new);
  }

  /** The index of {@code rules}; a rule's bit is its place. */
  static RuleIndex of(List<Rule> rules) {
    Draft draft = new Draft();
    for (int i = 0; i < rules.size(); i++) {
      for (Need.Clause clause : rules.get(i).when().need().clauses()) {
        draft.add(i, clause);
      }
    }
    return new RuleIndex(draft, rules.size());
  }

  /** The clauses while they are collected. */
  private static final class Draft {
    final List<Integer> ruleOf = new ArrayList<>();
    final List<Integer> nameless = new ArrayList<>();
    final List<Integer> wordless = new ArrayList<>();
    final List<Integer> contextual = new ArrayList<>();
    final Map<String, List<Integer>> names = new LinkedHashMap<>();
    final Map<String, List<Integer>> words = new LinkedHashMap<>();

    void add(int rule, Need.Clause clause) {
      int id = ruleOf.size();
      ruleOf.add(rule);
      if (clause.names().isEmpty()) {
        nameless.add(id);
      }
      if (clause.words().isEmpty()) {
        wordless.add(id);
      }
      if (clause.context()) {
        contextual.add(id);
      }
      clause.names().forEach(n -> names.computeIfAbsent(n, _ -> new ArrayList<>()).add(id));
      clause.words().forEach(w -> words.computeIfAbsent(w, _ -> new ArrayList<>()).add(id));
    }

    long[] bits(List<Integer> clauses) {
      long[] bits = new long[(ruleOf.size() + 63) >> 6];
      clauses.forEach(clause -> bits[clause >> 6] |= 1L << clause);
      return bits;
    }
  }

  /** The bits of the rules that can match. Hot path. */
  long[] candidates(Facts facts, boolean reads) {
    long[] named = nameless.clone();
    long[] worded = wordless.clone();
    long[] found = new long[(words.size() + 63) >> 6];
    if (ofWord.length > 0) {
      List<Facts.Argument> texts = facts.texts();
      for (int i = 0; i < texts.size(); i++) {
        find(texts.get(i).text(), found);
      }
    }
    if (reads) {
      Readings readings = facts.readings();
      for (int i = 0; i < readings.shells.size(); i++) {
        shell(readings.shells.get(i), named, found);
      }
      for (int i = 0; i < readings.pythons.size(); i++) {
        python(readings.pythons.get(i), named, found);
      }
      for (int i = 0; i < readings.programs.size(); i++) {
        if (readings.programs.get(i).origin().depth() > 0) {
          find(readings.programs.get(i).text(), found);
        }
      }
    }
    for (int i = 0; i < found.length; i++) {
      for (long bits = found[i]; bits != 0; bits &= bits - 1) {
        or(worded, ofWord[(i << 6) + Long.numberOfTrailingZeros(bits)]);
      }
    }
    return rules(named, worded, facts.action.context().isEmpty());
  }

  private long[] rules(long[] named, long[] worded, boolean noContext) {
    long[] bits = new long[(rules + 63) >> 6];
    for (int i = 0; i < named.length; i++) {
      long met = named[i] & worded[i] & (noContext ? ~contextual[i] : -1L);
      for (; met != 0; met &= met - 1) {
        int rule = ruleOf[(i << 6) + Long.numberOfTrailingZeros(met)];
        bits[rule >> 6] |= 1L << rule;
      }
    }
    return bits;
  }

  private void shell(Readings.Shell shell, long[] rules, long[] found) {
    List<ShellCommand> commands = shell.reading().commands();
    for (int i = 0; i < commands.size(); i++) {
      ShellCommand command = commands.get(i);
      name(command.baseName(), names, rules);
      if (ofWord.length == 0) {
        continue;
      }
      String executable = command.name();
      find(executable == null ? "" : executable, found);
      List<Word> arguments = command.arguments();
      for (int w = 0; w < arguments.size(); w++) {
        find(arguments.get(w).value(), found);
      }
      for (Redirection redirection : command.redirections()) {
        find(redirection.target().value(), found);
      }
      for (Assignment assignment : command.assignments()) {
        find(assignment.name(), found);
        find(assignment.value().value(), found);
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
      Named known = named(call);
      or(rules, known.rules);
      or(found, known.found);
      value(call.receiver(), found, 0);
      List<PythonArgument> arguments = call.arguments();
      for (int i = 0; i < arguments.size(); i++) {
        value(arguments.get(i).value(), found, 0);
      }
    }
    for (PythonImport one : python.reading().imports()) {
      find(one.qualifiedName(), found);
    }
    for (PythonFact fact : python.reading().facts()) {
      long[] bits = ofPythonFact.get(fact);
      if (bits != null) {
        or(rules, bits);
      }
    }
  }

  /** What the name of a call meets; found once for each name that is met again and again. */
  private Named named(PythonCall call) {
    String name = call.name();
    int place = (name.hashCode() ^ name.hashCode() >>> 10) & NAMES - 1;
    Named known = lately[place];
    if (known == null || !known.name.equals(name)) {
      long[] rules = new long[nameless.length];
      long[] found = new long[(words.size() + 63) >> 6];
      words.find(name, found);
      name(name, ofCall, rules);
      name(call.attribute(), ofMethod, rules);
      known = new Named(name, bitsOrNone(rules), bitsOrNone(found));
      if (name.length() <= LONGEST_NAME) {
        lately[place] = known;
      }
    }
    return known;
  }

  private static long[] bitsOrNone(long[] bits) {
    for (long some : bits) {
      if (some != 0) {
        return bits;
      }
    }
    return NONE;
  }

  private void value(PythonValue value, long[] found, int depth) {
    find(value.text(), found);
    if (depth < 3) {
      List<PythonValue> items = value.items();
      for (int i = 0; i < items.size(); i++) {
        value(items.get(i), found, depth + 1);
      }
    }
  }

  private void find(String text, long[] found) {
    words.find(text, found);
    if (!asksForSigns) {
      return;
    }
    for (int signs = PathPattern.signs(text); signs != 0; signs &= signs - 1) {
      int word = ofSign[Integer.numberOfTrailingZeros(signs)];
      if (word >= 0) {
        found[word >> 6] |= 1L << word;
      }
    }
  }

  private static void name(String name, Map<String, long[]> names, long[] rules) {
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

  private static Map<String, long[]> startingWith(String prefix, Map<String, long[]> names) {
    Map<String, long[]> rest = new HashMap<>();
    names.forEach((name, bits) -> {
      if (name.startsWith(prefix)) {
        rest.put(name.substring(prefix.length()), bits);
      }
    });
    return rest;
  }

  private static <E extends Enum<E>> Map<E, long[]> facts(
      Class<E> type, Map<String, long[]> names) {
    Map<E, long[]> facts = new EnumMap<>(type);
    for (E fact : type.getEnumConstants()) {
      long[] bits = names.get(Need.FACT + fact);
      if (bits != null) {
        facts.put(fact, bits);
      }
    }
    return facts;
  }
}
