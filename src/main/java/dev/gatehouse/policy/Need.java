package dev.gatehouse.policy;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an action must show before a condition can hold at all: at least one of a set of words. The
 * index of rules is built from it, so it may be too wide, never too narrow.
 *
 * @param always whether nothing is known to be needed
 * @param names base names of commands, or facts as {@code fact:NAME}
 * @param words lower-case ASCII text that occurs in an argument or in something read from one
 */
record Need(boolean always, Set<String> names, Set<String> words) {
  private static final Need ALWAYS = new Need(true, Set.of(), Set.of());

  /** Nothing is known to be needed. */
  static Need nothing() {
    return ALWAYS;
  }

  /** One of these words; nothing is needed if there is none. */
  static Need ofWords(Set<String> words) {
    return words.isEmpty() ? ALWAYS : new Need(false, Set.of(), words);
  }

  /** One of these names; nothing is needed if there is none. */
  static Need ofNames(Set<String> names) {
    return names.isEmpty() ? ALWAYS : new Need(false, names, Set.of());
  }

  /** Of conditions that must all hold the one that is rarest. */
  static Need rarest(Collection<Need> needs) {
    Need best = ALWAYS;
    for (Need need : needs) {
      if (need.rarity() > best.rarity()) {
        best = need;
      }
    }
    return best;
  }

  /** Of conditions of which one must hold. */
  static Need either(Collection<Need> needs) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> words = new LinkedHashSet<>();
    for (Need need : needs) {
      if (need.always) {
        return ALWAYS;
      }
      names.addAll(need.names);
      words.addAll(need.words);
    }
    return new Need(false, names, words);
  }

  /** Both are enough: this or the other. */
  Need or(Need other) {
    return either(List.of(this, other));
  }

  /** Names are exact and so rarer than any word; of words the shortest counts. */
  private int rarity() {
    if (always) {
      return 0;
    }
    return words.isEmpty() ? 100 : words.stream().mapToInt(String::length).min().orElse(1);
  }
}
