package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import dev.gatehouse.policy.match.SearchPattern;
import dev.gatehouse.policy.shell.Word;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A test of one text. Immutable; linear in the text, or text times pattern for globs. */
sealed interface TextTest {
  /** Whether {@code text} passes. */
  boolean holds(String text);

  /** The part that passes, as {@link SearchPattern#range}; -1 if the text does not pass. */
  default long locate(String text) {
    return holds(text) ? SearchPattern.range(0, text.length()) : -1;
  }

  /** Lower-case words of which every passing text contains one; empty if none is known. */
  default Set<String> literals() {
    return Set.of();
  }

  /** The longest indexable piece without blanks of each word; empty if one has none. */
  static Set<String> pieces(Iterable<String> words) {
    Set<String> pieces = new LinkedHashSet<>();
    for (String word : words) {
      String best = "";
      for (String piece : word.toLowerCase(Locale.ROOT).split("[^\\x21-\\x7e]+", -1)) {
        best = piece.length() > best.length() ? piece : best;
      }
      if (best.length() < 2) {
        return Set.of();
      }
      pieces.add(best);
    }
    return pieces;
  }

  /** The longest step of each path; empty if one has none that can be indexed. */
  static Set<String> steps(Iterable<String> paths) {
    Set<String> steps = new LinkedHashSet<>();
    for (String path : paths) {
      boolean root = path.startsWith("/") && path.length() > 1;
      String best = "";
      String before = "";
      for (String step : path.split("/", -1)) {
        if (step.length() > best.length()) {
          best = step;
          before = root && path.startsWith("/" + step) ? "/" : "";
        }
      }
      steps.add(before + best);
    }
    return pieces(steps);
  }

  /** Is one of these. */
  record Equal(Set<String> values, boolean ignoreCase) implements TextTest {
    @Override
    public boolean holds(String text) {
      return values.contains(ignoreCase ? text.toLowerCase(Locale.ROOT) : text);
    }

    @Override
    public Set<String> literals() {
      return pieces(values);
    }
  }

  /** Contains, starts with or ends with one of these. */
  record Part(Place place, List<String> values, boolean ignoreCase) implements TextTest {
    enum Place {
      ANYWHERE,
      START,
      END
    }

    @Override
    public boolean holds(String text) {
      return locate(text) >= 0;
    }

    @Override
    public long locate(String text) {
      String given = ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
      for (String value : values) {
        int at =
            switch (place) {
              case ANYWHERE -> given.indexOf(value);
              case START -> given.startsWith(value) ? 0 : -1;
              case END -> given.endsWith(value) ? given.length() - value.length() : -1;
            };
        if (at >= 0) {
          return SearchPattern.range(at, Math.min(text.length(), at + value.length()));
        }
      }
      return -1;
    }

    @Override
    public Set<String> literals() {
      return pieces(values);
    }
  }

  /** Matches one of these globs. */
  record Globs(List<Glob> globs, boolean ignoreCase) implements TextTest {
    @Override
    public boolean holds(String text) {
      String given = ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
      for (Glob glob : globs) {
        if (glob.matches(given)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Set<String> literals() {
      return pieces(globs.stream().map(Glob::literal).toList());
    }
  }

  /**
   * Is a path that matches one of these globs, after {@code //}, {@code .} and {@code ..} are
   * resolved; a file pattern passes if it can stand for a path that does.
   */
  record Paths(List<PathGlob> globs) implements TextTest {
    @Override
    public boolean holds(String text) {
      String path = PathText.normal(text);
      PathPattern pattern = PathPattern.of(path);
      for (PathGlob wanted : globs) {
        if (wanted.glob().matches(path) || (pattern != null && pattern.canStandFor(wanted))) {
          return true;
        }
      }
      return false;
    }

    /** A file pattern may lack every literal of what it stands for, but has a sign of its own. */
    @Override
    public Set<String> literals() {
      Set<String> steps = steps(globs.stream().map(PathGlob::literal).toList());
      if (steps.isEmpty()) {
        return steps;
      }
      Set<String> all = new LinkedHashSet<>(steps);
      for (PathGlob wanted : globs) {
        if (wanted.sign() >= 0) {
          all.add(PathPattern.word(wanted.sign()));
        }
      }
      return all;
    }
  }

  /** Is a path that holds a match, after it was resolved as for {@link Paths}. */
  record PathRegex(SearchPattern pattern) implements TextTest {
    @Override
    public boolean holds(String text) {
      return pattern.found(PathText.normal(text));
    }

    /** Without slashes: before it is resolved, a path may have more of them. */
    @Override
    public Set<String> literals() {
      return steps(pattern.literals());
    }
  }

  /** Holds a match. */
  record Regex(SearchPattern pattern) implements TextTest {
    @Override
    public boolean holds(String text) {
      return pattern.found(text);
    }

    @Override
    public long locate(String text) {
      return pattern.locate(text);
    }

    @Override
    public Set<String> literals() {
      return pieces(pattern.literals());
    }
  }

  /** Has a length, in UTF-16 code units, from least to most. */
  record Length(long least, long most) implements TextTest {
    @Override
    public boolean holds(String text) {
      return text.length() >= least && text.length() <= most;
    }
  }

  /** Has a part that the readers could not compute, or has none. */
  record Unknown(boolean expected) implements TextTest {
    @Override
    public boolean holds(String text) {
      return (text.indexOf(Word.HOLE) >= 0) == expected;
    }
  }

  /** Passes every test. */
  record All(List<TextTest> tests) implements TextTest {
    @Override
    public boolean holds(String text) {
      for (TextTest test : tests) {
        if (!test.holds(text)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public long locate(String text) {
      return holds(text) && !tests.isEmpty() ? tests.getFirst().locate(text) : -1;
    }

    @Override
    public Set<String> literals() {
      Set<String> best = Set.of();
      for (TextTest test : tests) {
        Set<String> words = test.literals();
        best = Need.rarity(words) > Need.rarity(best) ? words : best;
      }
      return best;
    }
  }

  /** Passes one of the tests. */
  record Any(List<TextTest> tests) implements TextTest {
    @Override
    public boolean holds(String text) {
      return locate(text) >= 0;
    }

    @Override
    public long locate(String text) {
      for (TextTest test : tests) {
        long range = test.locate(text);
        if (range >= 0) {
          return range;
        }
      }
      return -1;
    }

    @Override
    public Set<String> literals() {
      Set<String> all = new LinkedHashSet<>();
      for (TextTest test : tests) {
        Set<String> words = test.literals();
        if (words.isEmpty()) {
          return words;
        }
        all.addAll(words);
      }
      return all;
    }
  }

  /** Does not pass the test. */
  record Not(TextTest test) implements TextTest {
    @Override
    public boolean holds(String text) {
      return !test.holds(text);
    }
  }
}
