package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import java.util.List;
import java.util.Locale;

/** What follows from tests of texts, whatever the text. */
final class TextLogic extends Logic<TextTest> {
  @Override
  Form form(TextTest test) {
    return switch (test) {
      case TextTest.All _ -> Form.ALL;
      case TextTest.Any _ -> Form.ANY;
      case TextTest.Not _ -> Form.NOT;
      default -> Form.PLAIN;
    };
  }

  @Override
  List<TextTest> parts(TextTest test) {
    return switch (test) {
      case TextTest.All all -> all.tests();
      case TextTest.Any any -> any.tests();
      case TextTest.Not not -> List.of(not.test());
      default -> List.of();
    };
  }

  @Override
  boolean impliesPlain(TextTest a, TextTest b) {
    return switch (a) {
      case TextTest.Equal equal when !equal.ignoreCase() ->
          equal.values().stream().allMatch(b::holds);
      case TextTest.Equal equal ->
          b instanceof TextTest.Equal other
              && other.ignoreCase()
              && other.values().containsAll(equal.values());
      case TextTest.Part part -> b instanceof TextTest.Part other && implies(part, other);
      case TextTest.Globs globs ->
          b instanceof TextTest.Globs other
              && (other.ignoreCase() || !globs.ignoreCase())
              && globs.globs().stream().allMatch(glob -> covers(other, glob, other.ignoreCase()));
      case TextTest.Length length ->
          b instanceof TextTest.Length other
              && other.least() <= length.least()
              && other.most() >= length.most();
      default -> false;
    };
  }

  private static boolean implies(TextTest.Part a, TextTest.Part b) {
    if (a.ignoreCase() && !b.ignoreCase()) {
      return false;
    }
    return a.values().stream()
        .map(value -> b.ignoreCase() ? value.toLowerCase(Locale.ROOT) : value)
        .allMatch(value ->
            b.values().stream()
                .anyMatch(other ->
                    switch (b.place()) {
                      case ANYWHERE -> value.contains(other);
                      case START ->
                          a.place() == TextTest.Part.Place.START && value.startsWith(other);
                      case END -> a.place() == TextTest.Part.Place.END && value.endsWith(other);
                    }));
  }

  static boolean covers(TextTest.Globs wide, Glob narrow, boolean ignoreCase) {
    Glob glob = ignoreCase ? Glob.of(narrow.pattern().toLowerCase(Locale.ROOT)) : narrow;
    return wide.globs().stream().anyMatch(w -> covers(w, glob));
  }

  /** Whether one glob matches all that another does. */
  static boolean covers(Glob wide, Glob narrow) {
    // A star of the wide one may stand for a star of the narrow one; a question mark may not.
    return wide.pattern().equals(narrow.pattern())
        || ((narrow.isPlain() || wide.pattern().indexOf('?') < 0)
            && wide.matches(narrow.pattern()));
  }

  /** Whether a glob of the one covers a glob of the other. */
  static boolean meet(List<Glob> some, List<Glob> others) {
    return some.stream().anyMatch(a -> others.stream().anyMatch(b -> covers(a, b) || covers(b, a)));
  }

  /** Whether some glob of {@code wide} covers each of {@code narrow}. */
  static boolean cover(List<Glob> wide, List<Glob> narrow) {
    return narrow.stream().allMatch(n -> wide.stream().anyMatch(w -> covers(w, n)));
  }

  @Override
  boolean excludesPlain(TextTest a, TextTest b) {
    if (a instanceof TextTest.Equal equal && !equal.ignoreCase()) {
      return equal.values().stream().noneMatch(b::holds);
    }
    if (b instanceof TextTest.Equal equal && !equal.ignoreCase()) {
      return equal.values().stream().noneMatch(a::holds);
    }
    if (a instanceof TextTest.Equal one && b instanceof TextTest.Equal other) {
      return one.values().stream().noneMatch(other.values()::contains);
    }
    if (a instanceof TextTest.Part one
        && b instanceof TextTest.Part other
        && one.place() == other.place()) {
      return one.values().stream()
          .allMatch(v -> other.values().stream().allMatch(w -> cannotMeet(one, v, other, w)));
    }
    if (a instanceof TextTest.Unknown one && b instanceof TextTest.Unknown other) {
      return one.expected() != other.expected();
    }
    return longest(a) < shortest(b) || longest(b) < shortest(a);
  }

  /** Whether no text starts, or ends, with both. */
  private static boolean cannotMeet(TextTest.Part a, String first, TextTest.Part b, String other) {
    boolean fold = a.ignoreCase() || b.ignoreCase();
    String v = fold ? first.toLowerCase(Locale.ROOT) : first;
    String w = fold ? other.toLowerCase(Locale.ROOT) : other;
    return switch (a.place()) {
      case ANYWHERE -> false;
      case START -> !v.startsWith(w) && !w.startsWith(v);
      case END -> !v.endsWith(w) && !w.endsWith(v);
    };
  }

  private static long shortest(TextTest test) {
    return switch (test) {
      case TextTest.Length length -> length.least();
      case TextTest.Part part -> part.values().stream().mapToLong(String::length).min().orElse(0);
      default -> 0;
    };
  }

  private static long longest(TextTest test) {
    return test instanceof TextTest.Length length ? length.most() : Long.MAX_VALUE;
  }

  @Override
  boolean isImpossiblePlain(TextTest test) {
    return switch (test) {
      case TextTest.Equal equal -> equal.values().isEmpty();
      case TextTest.Part part -> part.values().isEmpty();
      case TextTest.Globs globs -> globs.globs().isEmpty();
      case TextTest.Paths paths -> paths.globs().isEmpty();
      case TextTest.Length length -> length.least() > length.most();
      default -> false;
    };
  }

  @Override
  boolean isCertainPlain(TextTest test) {
    return switch (test) {
      case TextTest.Globs globs -> globs.globs().stream().anyMatch(g -> g.pattern().equals("*"));
      case TextTest.Length length -> length.least() <= 0 && length.most() == Long.MAX_VALUE;
      default -> false;
    };
  }
}
