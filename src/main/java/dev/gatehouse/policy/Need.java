package dev.gatehouse.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an action must show before a condition can hold at all. The index of rules is built from it,
 * so it may be too wide, never too narrow.
 *
 * @param clauses one of these must be met; never empty
 */
record Need(List<Clause> clauses) {
  /** What the name of a fact begins with. */
  static final String FACT = "fact:";

  private static final int MOST_CLAUSES = 24;
  private static final Clause FREE = new Clause(Set.of(), Set.of(), false);
  private static final Need NOTHING = new Need(List.of(FREE));

  /**
   * All of what it names must be met.
   *
   * @param names one of these is the base name of a command, a fact behind {@link #FACT}, or the
   *     name of a Python call as {@link CallTest#CALL} or {@link CallTest#METHOD}; empty for no
   *     such demand
   * @param words one of these lower-case ASCII words occurs in an argument or in something read
   *     from one; empty for no such demand
   * @param context whether the action must have a context
   */
  record Clause(Set<String> names, Set<String> words, boolean context) {
    boolean isFree() {
      return names.isEmpty() && words.isEmpty() && !context;
    }

    private Clause and(Clause other) {
      return new Clause(
          names.isEmpty() ? other.names : names,
          rarer(words, other.words),
          context || other.context);
    }
  }

  /** Nothing is known to be needed. */
  static Need nothing() {
    return NOTHING;
  }

  /** The action must have a context. */
  static Need ofContext() {
    return new Need(List.of(new Clause(Set.of(), Set.of(), true)));
  }

  /** One of these words; nothing is needed if there is none. */
  static Need ofWords(Set<String> words) {
    return words.isEmpty() ? NOTHING : new Need(List.of(new Clause(Set.of(), words, false)));
  }

  /** One of these names; nothing is needed if there is none. */
  static Need ofNames(Set<String> names) {
    return names.isEmpty() ? NOTHING : new Need(List.of(new Clause(names, Set.of(), false)));
  }

  /** One of these facts that a reader states of a text. */
  static Need ofFacts(Set<? extends Enum<?>> facts) {
    Set<String> names = new LinkedHashSet<>();
    facts.forEach(fact -> names.add(FACT + fact));
    return ofNames(names);
  }

  /** Of conditions that must all hold. */
  static Need all(Collection<Need> needs) {
    Need all = NOTHING;
    for (Need need : needs) {
      all = all.and(need);
    }
    return all;
  }

  /** Of conditions of which one must hold. */
  static Need either(Collection<Need> needs) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> words = new LinkedHashSet<>();
    Set<Clause> others = new LinkedHashSet<>();
    for (Need need : needs) {
      for (Clause clause : need.clauses) {
        if (clause.isFree()) {
          return NOTHING;
        }
        if (clause.words.isEmpty() && !clause.context) {
          names.addAll(clause.names);
        } else if (clause.names.isEmpty() && !clause.context) {
          words.addAll(clause.words);
        } else {
          others.add(clause);
        }
      }
    }
    if (!names.isEmpty()) {
      others.add(new Clause(names, Set.of(), false));
    }
    if (!words.isEmpty()) {
      others.add(new Clause(Set.of(), words, false));
    }
    return new Need(List.copyOf(others));
  }

  /** This or the other. */
  Need or(Need other) {
    return either(List.of(this, other));
  }

  boolean isNothing() {
    return clauses.stream().anyMatch(Clause::isFree);
  }

  /** Whether without a context it cannot be met. */
  boolean needsContext() {
    return clauses.stream().allMatch(Clause::context);
  }

  private Need and(Need other) {
    if (clauses.size() * other.clauses.size() > MOST_CLAUSES) {
      return clauses.size() <= other.clauses.size() ? this : other;
    }
    List<Need> products = new ArrayList<>();
    for (Clause mine : clauses) {
      for (Clause theirs : other.clauses) {
        products.add(new Need(List.of(mine.and(theirs))));
      }
    }
    return either(products);
  }

  /** Of two sets of which one item each is needed, the one that is met less often. */
  private static Set<String> rarer(Set<String> a, Set<String> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isEmpty() ? b : a;
    }
    return rarity(a) >= rarity(b) ? a : b;
  }

  /** The shortest item is the one met most often. */
  static int rarity(Set<String> items) {
    return items.stream().mapToInt(String::length).min().orElse(0);
  }
}
