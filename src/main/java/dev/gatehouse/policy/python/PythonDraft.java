package dev.gatehouse.policy.python;

import dev.gatehouse.policy.text.Region;
import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A reading while it is made, and its budgets: see the shell reader's. */
final class PythonDraft {
  static final int MAX_DEPTH = 96;
  static final int MAX_LAYERS = 6;
  private static final int MAX_CALLS = 10_000;
  private static final int MIN_EXPANSION = 1 << 18;
  private static final int MAX_ATTRIBUTES = 5_000;

  /** What values of ordinary texts weigh at most. */
  private static final int FREE_WEIGHT = 16;

  final String text;

  /** Whether no name, in the text or in anything that was made of it, holds a look-alike. */
  boolean plainNames = true;

  final List<PythonImport> imports = new ArrayList<>(4);
  final List<PythonCall> calls;
  final List<ShellText> shellTexts = new ArrayList<>(2);
  final List<QueryText> queryTexts = new ArrayList<>(0);
  final Set<String> definitions = new LinkedHashSet<>();
  private final Set<String> attributes = new LinkedHashSet<>();
  private final List<Region> regions = new ArrayList<>(4);
  private final List<Region> documentation = new ArrayList<>(2);
  final EnumSet<PythonFact> facts = EnumSet.noneOf(PythonFact.class);
  boolean readsDocumentation;

  /** Whether something like {@code self.x = ..} was read. */
  boolean assignsAttributes;

  /** Whether some text speaks of changing the folder; of the given one only if it was asked. */
  private boolean changesFolder;

  private boolean asked;

  /** Whether a text was put together from the numbers of its characters. */
  boolean makesCharacters;

  long steps;
  private int expansion;
  private int depth;

  PythonDraft(String text) {
    this.text = text;
    this.calls = new ArrayList<>(8 + Math.min(text.length() / 32, MAX_CALLS / 16));
    this.expansion = MIN_EXPANSION + text.length();
  }

  boolean enter() {
    if (depth >= MAX_DEPTH) {
      facts.add(PythonFact.LIMIT_REACHED);
      return false;
    }
    depth++;
    return true;
  }

  void leave() {
    depth--;
  }

  boolean charge(long size) {
    if (size > expansion) {
      facts.add(PythonFact.LIMIT_REACHED);
      return false;
    }
    expansion -= (int) size;
    steps += size;
    return true;
  }

  /** Notes a text that was made of the given one. */
  void made(String inner) {
    changesFolder |= inner.contains("chdir");
  }

  /** Whether some text speaks of changing the folder that relative paths start from. */
  boolean changesFolder() {
    if (!asked) {
      asked = true;
      made(text);
    }
    return changesFolder;
  }

  /** Pays for comparing, or looking through, values that are made of many others. */
  boolean weigh(PythonValue value) {
    return value.weight() <= FREE_WEIGHT || charge(value.weight());
  }

  boolean full() {
    if (calls.size() >= MAX_CALLS) {
      facts.add(PythonFact.LIMIT_REACHED);
      return true;
    }
    return false;
  }

  void attribute(String qualified) {
    if (attributes.size() < MAX_ATTRIBUTES) {
      attributes.add(qualified);
    }
  }

  void paint(int start, int end, Use use) {
    if (end > start) {
      regions.add(new Region(start, end, use));
    }
  }

  void paintDocumentation(int start, int end) {
    documentation.add(new Region(start, end, Use.DATA));
  }

  PythonReading finish() {
    if (!readsDocumentation) {
      regions.addAll(documentation);
    }
    return new PythonReading(
        text,
        imports.isEmpty() ? List.of() : List.copyOf(imports),
        calls.isEmpty() ? List.of() : List.copyOf(calls),
        shellTexts.isEmpty() ? List.of() : List.copyOf(shellTexts),
        queryTexts.isEmpty() ? List.of() : List.copyOf(queryTexts),
        definitions.isEmpty() ? Set.of() : Collections.unmodifiableSet(definitions),
        attributes.isEmpty() ? List.of() : List.copyOf(attributes),
        sorted(),
        facts.isEmpty() ? Set.of() : Collections.unmodifiableSet(facts),
        steps);
  }

  private List<Region> sorted() {
    if (regions.size() > 1) {
      regions.sort(Comparator.comparingInt(Region::start));
    }
    List<Region> apart = new ArrayList<>(regions.size());
    int end = 0;
    for (Region region : regions) {
      int from = Math.max(region.start(), end);
      if (from < region.end()) {
        apart.add(from == region.start() ? region : new Region(from, region.end(), region.use()));
        end = region.end();
      }
    }
    return List.copyOf(apart);
  }
}
