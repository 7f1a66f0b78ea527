package dev.gatehouse.policy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * What a regular expression is made of, as far as advice needs it: sequences, alternatives,
 * repetitions, sets of ASCII characters and anchors. Reads what compiles; what it does not know is
 * taken as any one character.
 */
sealed interface RegexShape {
  /** One character of a set. Characters beyond ASCII share the last bit. */
  record One(BitSet set) implements RegexShape {}

  /** No character: the start or the end of the text, or a place between two characters. */
  record Anchor(Place place) implements RegexShape {
    enum Place {
      /** {@code ^} */
      START,
      /** {@code $} */
      END,
      /** {@code \\A}, which cannot be taken for anything else */
      TEXT_START,
      /** {@code \\z} and {@code \\Z} */
      TEXT_END,
      OTHER
    }
  }

  /** One after the other. */
  record Sequence(List<RegexShape> parts) implements RegexShape {}

  /** One of these. */
  record Choice(List<RegexShape> parts) implements RegexShape {}

  /** The same again; {@code most} is {@link Integer#MAX_VALUE} for no bound. */
  record Repeat(RegexShape part, int least, int most) implements RegexShape {
    boolean isUnbounded() {
      return most == Integer.MAX_VALUE;
    }
  }

  /** The shape of a pattern that compiles. */
  static RegexShape of(String regex) {
    return new Reader(regex).choice();
  }

  /** Whether it can match no character at all. */
  default boolean isNullable() {
    return switch (this) {
      case One _ -> false;
      case Anchor _ -> true;
      case Sequence sequence -> sequence.parts.stream().allMatch(RegexShape::isNullable);
      case Choice choice -> choice.parts.stream().anyMatch(RegexShape::isNullable);
      case Repeat repeat -> repeat.least == 0 || repeat.part.isNullable();
    };
  }

  /** The characters that what it matches can start with. */
  default BitSet first() {
    BitSet set = new BitSet();
    switch (this) {
      case One one -> set.or(one.set);
      case Anchor _ -> {}
      case Sequence sequence -> {
        for (RegexShape part : sequence.parts) {
          set.or(part.first());
          if (!part.isNullable()) {
            break;
          }
        }
      }
      case Choice choice -> choice.parts.forEach(part -> set.or(part.first()));
      case Repeat repeat -> set.or(repeat.part.first());
    }
    return set;
  }

  /** How many states it takes to count its longest repetition with an end; 0 if none counts. */
  default long counted() {
    return switch (this) {
      case One _ -> 0;
      case Anchor _ -> 0;
      case Sequence sequence -> most(sequence.parts);
      case Choice choice -> most(choice.parts);
      case Repeat repeat -> {
        int times = repeat.isUnbounded() ? repeat.least : repeat.most;
        yield times > 1 ? times * repeat.part.states() : repeat.part.counted();
      }
    };
  }

  private static long most(List<RegexShape> parts) {
    return parts.stream().mapToLong(RegexShape::counted).max().orElse(0);
  }

  private long states() {
    return switch (this) {
      case One _ -> 1;
      case Anchor _ -> 0;
      case Sequence sequence -> sequence.parts.stream().mapToLong(RegexShape::states).sum();
      case Choice choice -> choice.parts.stream().mapToLong(RegexShape::states).sum();
      case Repeat repeat ->
          repeat.part.states() * Math.max(1, repeat.isUnbounded() ? repeat.least : repeat.most);
    };
  }

  /** Reads a pattern from left to right. */
  final class Reader {
    private static final int BEYOND_ASCII = 128;

    private final String regex;
    private int at;
    private boolean lines;
    private boolean ignoresCase;

    private Reader(String regex) {
      this.regex = regex;
    }

    private boolean at(char c) {
      return at < regex.length() && regex.charAt(at) == c;
    }

    private RegexShape choice() {
      List<RegexShape> parts = new ArrayList<>();
      parts.add(sequence());
      while (at('|')) {
        at++;
        parts.add(sequence());
      }
      return parts.size() == 1 ? parts.getFirst() : new Choice(List.copyOf(parts));
    }

    private RegexShape sequence() {
      List<RegexShape> parts = new ArrayList<>();
      while (at < regex.length() && !at('|') && !at(')')) {
        RegexShape part = quantified(atom());
        if (!(part instanceof Sequence sequence && sequence.parts().isEmpty())) {
          parts.add(part);
        }
      }
      return parts.size() == 1 ? parts.getFirst() : new Sequence(List.copyOf(parts));
    }

    private RegexShape atom() {
      char c = regex.charAt(at++);
      return switch (c) {
        case '(' -> group();
        case '[' -> new One(bracket());
        case '.' -> new One(all());
        case '^' -> new Anchor(lines ? Anchor.Place.OTHER : Anchor.Place.START);
        case '$' -> new Anchor(lines ? Anchor.Place.OTHER : Anchor.Place.END);
        case '\\' -> escape();
        default -> new One(letter(c));
      };
    }

    private RegexShape group() {
      boolean linesOutside = lines;
      boolean caseOutside = ignoresCase;
      if (at('?')) {
        at++;
        if (at('<') || at('P')) {
          at = regex.indexOf('>', at) + 1;
        } else {
          boolean on = true;
          while (at < regex.length() && !at(':') && !at(')')) {
            char flag = regex.charAt(at++);
            on = flag == '-' ? false : on;
            lines = flag == 'm' ? on : lines;
            ignoresCase = flag == 'i' ? on : ignoresCase;
          }
          if (at(')')) {
            // Flags for what follows in the group that is open.
            at++;
            return new Sequence(List.of());
          }
          at++;
        }
      }
      RegexShape inner = choice();
      at++;
      lines = linesOutside;
      ignoresCase = caseOutside;
      return inner;
    }

    private RegexShape escape() {
      if (at >= regex.length()) {
        return new One(all());
      }
      Anchor.Place place =
          switch (regex.charAt(at)) {
            case 'A' -> Anchor.Place.TEXT_START;
            case 'z', 'Z' -> Anchor.Place.TEXT_END;
            case 'b', 'B', 'G' -> Anchor.Place.OTHER;
            default -> null;
          };
      if (place != null) {
        at++;
        return new Anchor(place);
      }
      return at('Q') ? quoted() : new One(escaped());
    }

    private RegexShape quoted() {
      int end = regex.indexOf("\\E", at);
      String text = regex.substring(at + 1, end < 0 ? regex.length() : end);
      at = end < 0 ? regex.length() : end + 2;
      return new Sequence(
          text.chars().mapToObj(c -> (RegexShape) new One(letter((char) c))).toList());
    }

    /** The set that an escape stands for; the place is behind the backslash. */
    private BitSet escaped() {
      char c = regex.charAt(at++);
      BitSet set =
          switch (Character.toLowerCase(c)) {
            case 'd' -> range('0', '9');
            case 's' -> of(" \t\n\r\f\u000b");
            case 'w' -> {
              BitSet word = range('a', 'z');
              word.or(range('A', 'Z'));
              word.or(range('0', '9'));
              word.set('_');
              yield word;
            }
            default -> null;
          };
      if (set != null) {
        return Character.isUpperCase(c) ? inverse(set) : set;
      }
      return switch (c) {
        case 'n' -> of("\n");
        case 't' -> of("\t");
        case 'r' -> of("\r");
        case 'f' -> of("\f");
        case 'p', 'P' -> {
          at = at('{') ? regex.indexOf('}', at) + 1 : at + 1;
          yield all();
        }
        case 'x', 'u' -> code(c);
        default -> letter(c);
      };
    }

    private BitSet code(char kind) {
      int digits = kind == 'x' ? 2 : 4;
      String text;
      if (at('{')) {
        int end = regex.indexOf('}', at);
        text = regex.substring(at + 1, end);
        at = end + 1;
      } else {
        text = regex.substring(at, Math.min(regex.length(), at + digits));
        at = Math.min(regex.length(), at + digits);
      }
      int code = Integer.parseInt(text, 16);
      return letter(code < BEYOND_ASCII ? (char) code : BEYOND_ASCII);
    }

    /** A bracket expression; what it takes in from others ({@code &&}) is read as united. */
    private BitSet bracket() {
      boolean negated = at('^');
      at += negated ? 1 : 0;
      BitSet set = new BitSet();
      boolean start = true;
      while (at < regex.length() && (start || !at(']'))) {
        start = false;
        char c = regex.charAt(at++);
        if (c == '[') {
          set.or(regex.startsWith(":", at) ? posix() : bracket());
          continue;
        }
        BitSet one = c == '\\' ? escaped() : letter(c);
        if (at('-') && at + 1 < regex.length() && regex.charAt(at + 1) != ']' && !one.isEmpty()) {
          at++;
          char to = regex.charAt(at++);
          BitSet end = to == '\\' ? escaped() : letter(to);
          set.or(range((char) one.nextSetBit(0), (char) Math.max(0, end.length() - 1)));
        } else {
          set.or(one);
        }
      }
      at++;
      return negated ? inverse(set) : set;
    }

    private BitSet posix() {
      int end = regex.indexOf(":]", at);
      at = end < 0 ? regex.length() : end + 2;
      return all();
    }

    private RegexShape quantified(RegexShape part) {
      RegexShape whole = part;
      while (at < regex.length()) {
        int least;
        int most;
        if (at('*') || at('+')) {
          least = at('+') ? 1 : 0;
          most = Integer.MAX_VALUE;
        } else if (at('?')) {
          least = 0;
          most = 1;
        } else if (at('{') && regex.substring(at).matches("(?s)\\{\\d+(,\\d*)?}.*")) {
          String[] counts = regex.substring(at + 1, regex.indexOf('}', at)).split(",", -1);
          least = Integer.parseInt(counts[0]);
          most =
              counts.length == 1
                  ? least
                  : counts[1].isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(counts[1]);
          at = regex.indexOf('}', at);
        } else {
          break;
        }
        at++;
        if (at('?') || at('+')) {
          at++;
        }
        whole = new Repeat(whole, least, most);
      }
      return whole;
    }

    private BitSet letter(char c) {
      BitSet set = new BitSet();
      set.set(Math.min(c, BEYOND_ASCII));
      if (ignoresCase && c < BEYOND_ASCII) {
        String text = String.valueOf(c);
        set.set(text.toLowerCase(Locale.ROOT).charAt(0));
        set.set(text.toUpperCase(Locale.ROOT).charAt(0));
      }
      return set;
    }

    private static BitSet of(String characters) {
      BitSet set = new BitSet();
      characters.chars().forEach(set::set);
      return set;
    }

    private static BitSet range(char from, char to) {
      BitSet set = new BitSet();
      set.set(Math.min(from, BEYOND_ASCII), Math.min(Math.max(from, to), BEYOND_ASCII) + 1);
      return set;
    }

    private static BitSet all() {
      return range((char) 0, (char) BEYOND_ASCII);
    }

    private static BitSet inverse(BitSet set) {
      BitSet inverse = all();
      inverse.andNot(set);
      inverse.set(BEYOND_ASCII);
      return inverse;
    }
  }
}
