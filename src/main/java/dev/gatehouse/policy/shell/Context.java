package dev.gatehouse.policy.shell;

import java.util.List;

/**
 * What a stretch of shell text stands inside of.
 *
 * @param nesting bits of {@link Nesting}
 * @param depth how deep
 * @param layer how many texts inside texts
 * @param wrapper index of the command whose argument or program this is, or -1
 * @param wrappers base names of all of those, outermost first
 * @param facts bits of {@link ShellFact} that hold for every command in it
 */
@SuppressWarnings("EnumOrdinal") // bits and int arrays, never stored
record Context(int nesting, int depth, int layer, int wrapper, List<String> wrappers, int facts) {

  static final Context TOP = new Context(0, 0, 0, -1, List.of(), 0);

  Context in(Nesting kind) {
    return new Context(nesting | bit(kind), depth + 1, layer, wrapper, wrappers, facts);
  }

  Context text(Nesting kind, int command, List<String> chain, int moreFacts) {
    return new Context(
        nesting | bit(kind), depth + 1, layer + 1, command, chain, facts | moreFacts);
  }

  static int bit(Nesting kind) {
    return 1 << kind.ordinal();
  }
}
