package dev.gatehouse.policy;

import dev.gatehouse.policy.RegexShape.Anchor;
import dev.gatehouse.policy.RegexShape.Anchor.Place;
import dev.gatehouse.policy.RegexShape.Choice;
import dev.gatehouse.policy.RegexShape.One;
import dev.gatehouse.policy.RegexShape.Repeat;
import dev.gatehouse.policy.RegexShape.Sequence;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an author of patterns should know: a pattern that holds less than it seems to, or that costs
 * more. The engine here is linear in the text whatever the pattern, but for each character it may
 * have to look at every state of the pattern.
 */
final class PatternAdvice {
  /**
   * Repetitions that count further are named: {@code a.{50}b} took 420 ns a character here, {@code
   * a.{500}b} 4,000, {@code a+b} 3.
   */
  private static final long MOST_COUNTED = 200;

  /** Fewer repetitions of a repetition are as well written out. */
  private static final int MANY = 8;

  private static final Set<Place> START = EnumSet.of(Place.START, Place.TEXT_START);
  private static final Set<Place> END = EnumSet.of(Place.END, Place.TEXT_END);

  private PatternAdvice() {}

  /** What makes it dear, as the end of a sentence, or null if nothing does. */
  static @Nullable String ofCost(String regex) {
    RegexShape shape = RegexShape.of(regex);
    if (startsWithAnything(shape)) {
      return "starts with .*: a search needs none, and it is quadratic where engines backtrack";
    }
    String repeated = ofRepetition(shape);
    if (repeated != null) {
      return repeated;
    }
    return shape.counted() > MOST_COUNTED
        ? "counts with "
            + shape.counted()
            + " states: each character of a text may cost as many steps"
        : null;
  }

  /** Where its anchors bind to one of several alternatives, as the end of a sentence, or null. */
  static @Nullable String ofPartialAnchor(String regex) {
    RegexShape shape = RegexShape.of(regex);
    if (partly(shape, START)) {
      return "is silently anchored: ^ binds to one of its alternatives only";
    }
    return partly(shape, END)
        ? "is silently anchored: $ binds to one of its alternatives only"
        : null;
  }

  /** Where it is anchored as a whole, as the end of a sentence, or null. */
  static @Nullable String ofAnchor(String regex) {
    return ofAnchor(regex, START, END);
  }

  /** The same of {@code ^} and {@code $} only: {@code \\A} and {@code \\z} say what they mean. */
  static @Nullable String ofSilentAnchor(String regex) {
    return ofAnchor(regex, EnumSet.of(Place.START), EnumSet.of(Place.END));
  }

  private static @Nullable String ofAnchor(String regex, Set<Place> starts, Set<Place> ends) {
    RegexShape shape = RegexShape.of(regex);
    if (isAnchored(shape, starts)) {
      return "is anchored at the start of the text: text before it, or an earlier line, hides it";
    }
    return isAnchored(shape, ends)
        ? "is anchored at the end of the text: text behind it, or a later line, hides it"
        : null;
  }

  /** Whether it matches only at the start, or only at the end, of a text. */
  private static boolean isAnchored(RegexShape shape, Set<Place> places) {
    return switch (shape) {
      case One _ -> false;
      case Anchor anchor -> places.contains(anchor.place());
      case Choice choice -> choice.parts().stream().allMatch(part -> isAnchored(part, places));
      case Repeat repeat -> repeat.least() > 0 && isAnchored(repeat.part(), places);
      case Sequence sequence -> {
        List<RegexShape> parts =
            places.contains(Place.START) ? sequence.parts() : sequence.parts().reversed();
        for (RegexShape part : parts) {
          if (isAnchored(part, places)) {
            yield true;
          }
          if (!part.isNullable()) {
            break;
          }
        }
        yield false;
      }
    };
  }

  /**
   * Whether somewhere one alternative is anchored and another is not. An alternative that is an
   * anchor and nothing else, as in {@code (^|;)rm}, is meant.
   */
  private static boolean partly(RegexShape shape, Set<Place> places) {
    return switch (shape) {
      case One _ -> false;
      case Anchor _ -> false;
      case Repeat repeat -> partly(repeat.part(), places);
      case Sequence sequence -> sequence.parts().stream().anyMatch(part -> partly(part, places));
      case Choice choice -> {
        boolean some =
            choice.parts().stream().anyMatch(p -> isAnchored(p, places) && !p.isNullable());
        boolean all = choice.parts().stream().allMatch(p -> isAnchored(p, places));
        yield (some && !all) || choice.parts().stream().anyMatch(part -> partly(part, places));
      }
    };
  }

  private static boolean startsWithAnything(RegexShape shape) {
    return switch (shape) {
      case One _ -> false;
      case Anchor _ -> false;
      case Choice choice -> choice.parts().stream().anyMatch(PatternAdvice::startsWithAnything);
      case Sequence sequence ->
          !sequence.parts().isEmpty() && startsWithAnything(sequence.parts().getFirst());
      case Repeat repeat ->
          repeat.isUnbounded()
              && repeat.part() instanceof One one
              && one.set().cardinality() > 128 - 2;
    };
  }

  private static @Nullable String ofRepetition(RegexShape shape) {
    return switch (shape) {
      case One _ -> null;
      case Anchor _ -> null;
      case Choice choice -> first(choice.parts());
      case Sequence sequence ->
          isAdjacent(sequence)
              ? "repeats the same twice in a row: quadratic where engines backtrack"
              : first(sequence.parts());
      case Repeat repeat ->
          repeat.most() > MANY && isAmbiguous(repeat.part())
              ? "repeats a repetition that can be split in many ways: quadratic or worse where engines"
                  + " backtrack, and several times dearer here"
              : ofRepetition(repeat.part());
    };
  }

  private static @Nullable String first(List<RegexShape> parts) {
    for (RegexShape part : parts) {
      String advice = ofRepetition(part);
      if (advice != null) {
        return advice;
      }
    }
    return null;
  }

  /** Whether two repetitions without end of the same stand side by side. */
  private static boolean isAdjacent(Sequence sequence) {
    List<RegexShape> parts = sequence.parts();
    for (int i = 0; i < parts.size(); i++) {
      if (!(parts.get(i) instanceof Repeat repeat && repeat.isUnbounded())) {
        continue;
      }
      for (int j = i + 1; j < parts.size(); j++) {
        if (parts.get(j) instanceof Repeat other
            && other.isUnbounded()
            && other.part().equals(repeat.part())) {
          return true;
        }
        if (!parts.get(j).isNullable() || parts.get(j) instanceof Anchor) {
          break;
        }
      }
    }
    return false;
  }

  /** Whether a text that repeats this can be divided into its repetitions in many ways. */
  private static boolean isAmbiguous(RegexShape body) {
    if (body instanceof Choice choice) {
      return overlap(choice.parts()) || choice.parts().stream().anyMatch(p -> repeats(p, body));
    }
    return repeats(body, body);
  }

  /** Whether two alternatives are sets of single characters, repeated or not, that share one. */
  private static boolean overlap(List<RegexShape> parts) {
    BitSet seen = new BitSet();
    for (RegexShape part : parts) {
      RegexShape one = part instanceof Repeat repeat ? repeat.part() : part;
      if (one instanceof One set) {
        if (seen.intersects(set.set())) {
          return true;
        }
        seen.or(set.set());
      }
    }
    return false;
  }

  /** Whether a repetition without end in {@code part} can go on where {@code body} starts again. */
  private static boolean repeats(RegexShape part, RegexShape body) {
    List<RegexShape> parts = part instanceof Sequence sequence ? sequence.parts() : List.of(part);
    for (int i = 0; i < parts.size(); i++) {
      if (!(parts.get(i) instanceof Repeat repeat && repeat.isUnbounded())) {
        continue;
      }
      BitSet follows = new BitSet();
      int next = i + 1;
      while (next < parts.size() && parts.get(next).isNullable()) {
        next++;
      }
      follows.or(next < parts.size() ? parts.get(next).first() : body.first());
      if (follows.intersects(repeat.first())) {
        return true;
      }
    }
    return false;
  }
}
