package dev.gatehouse.policy.shell;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Turns bits into sets of enum constants; small sets are shared. */
@SuppressWarnings("EnumOrdinal") // bits and int arrays, never stored
final class Bits {
  private static final ShellFact[] FACTS = ShellFact.values();
  private static final Nesting[] NESTINGS = Nesting.values();

  private Bits() {}

  static int of(ShellFact fact) {
    return 1 << fact.ordinal();
  }

  static Set<ShellFact> facts(int bits) {
    if (bits == 0) {
      return Set.of();
    }
    EnumSet<ShellFact> set = EnumSet.noneOf(ShellFact.class);
    for (int rest = bits; rest != 0; rest &= rest - 1) {
      set.add(FACTS[Integer.numberOfTrailingZeros(rest)]);
    }
    return Collections.unmodifiableSet(set);
  }

  static Set<Nesting> nesting(int bits) {
    if (bits == 0) {
      return Set.of();
    }
    EnumSet<Nesting> set = EnumSet.noneOf(Nesting.class);
    for (int rest = bits; rest != 0; rest &= rest - 1) {
      set.add(NESTINGS[Integer.numberOfTrailingZeros(rest)]);
    }
    return Collections.unmodifiableSet(set);
  }
}
