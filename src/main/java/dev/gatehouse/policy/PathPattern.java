package dev.gatehouse.policy;

import dev.gatehouse.policy.PathGlob.Place;
import dev.gatehouse.policy.match.Glob;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A shell's file pattern. A part of it that is hardly more than a wildcard stands for everything
 * and so tells nothing: it does not count, unless it is the only one of its kind beside parts that
 * are the same. Of a long one only those parts are looked at that a glob asks for. Not safe for
 * several threads.
 */
final class PathPattern {
  /** Paths with so many parts and more have the same signs. */
  private static final int MANY = 8;

  /** The sign of every pattern. */
  private static final int ANY = 3 * MANY;

  /** How many signs there are. */
  static final int SIGNS = ANY + 1;

  private static final String SIGN = "\u0001/";

  private static final int MANY_PARTS =
      bit(Place.WHOLE, MANY) | bit(Place.START, MANY) | bit(Place.END, MANY);

  /** One part of the pattern; in it a class of characters is any character. */
  private record Part(String text, Glob glob, boolean tells) {
    static Part of(String given) {
      String text = withoutClasses(given);
      int wild = count(text, '*') + count(text, '?');
      return new Part(text, Glob.of(text), text.length() - wild >= 2);
    }
  }

  private final String path;
  private final int given;

  /** The first parts, and the last ones from the end, as far as somebody asked for them. */
  private final List<Part> first = new ArrayList<>();

  private final List<Part> last = new ArrayList<>();
  private int firstEnd = -1;
  private int lastStart;

  private PathPattern(String path) {
    this.path = path;
    this.given = count(path, '/') + 1;
    this.lastStart = path.length() + 1;
  }

  /** The pattern that a path is, as {@link PathText#normal} leaves it; null if it is none. */
  static @Nullable PathPattern of(String path) {
    return isPattern(path) ? new PathPattern(path) : null;
  }

  private static boolean isPattern(String path) {
    return path.indexOf('*') >= 0 || path.indexOf('?') >= 0 || path.indexOf('[') >= 0;
  }

  /** Whether it can expand to a path that the glob matches. */
  boolean canStandFor(PathGlob target) {
    int wanted = target.parts().size();
    return switch (target.place()) {
      case WHOLE -> given == wanted && standsFor(target, true);
      case START, END -> given > wanted && standsFor(target, false);
      case NONE -> false;
    };
  }

  private boolean standsFor(PathGlob target, boolean oneUntelling) {
    List<String> wanted = target.parts();
    boolean same = false;
    int untelling = 0;
    for (int i = 0; i < wanted.size(); i++) {
      Part part = target.place() == Place.END ? last(wanted.size() - 1 - i) : first(i);
      if (!part.glob().matches(wanted.get(i))) {
        return false;
      }
      boolean equal = part.text().equals(wanted.get(i));
      same |= equal && !part.text().isEmpty();
      untelling += equal || part.tells() ? 0 : 1;
    }
    return untelling == 0 || (oneUntelling && untelling == 1 && same);
  }

  private Part first(int number) {
    while (first.size() <= number) {
      int end = end(path, firstEnd + 1);
      first.add(Part.of(path.substring(firstEnd + 1, end)));
      firstEnd = end;
    }
    return first.get(number);
  }

  /** Counted from the end. */
  private Part last(int number) {
    while (last.size() <= number) {
      int end = lastStart - 1;
      lastStart = path.lastIndexOf('/', end - 1) + 1;
      last.add(Part.of(path.substring(lastStart, end)));
    }
    return last.get(number);
  }

  /**
   * What patterns in general a text may be, one bit each, without taking it apart: 0 if it is none.
   * Hot path.
   */
  static int signs(String text) {
    if (!isPattern(text)) {
      return 0;
    }
    String path = PathText.normal(text);
    int parts = count(path, '/') + 1;
    int signs = 1 << ANY;
    boolean wild = false;
    int from = 0;
    for (int n = 1; n <= parts && n < MANY; n++) {
      int end = end(path, from);
      if (!mayStand(path, from, end)) {
        break;
      }
      wild |= isWild(path, from, end);
      if (wild) {
        signs |= n < parts ? bit(Place.START, n) : bit(Place.WHOLE, n);
      }
      from = end + 1;
    }
    return signs | endSigns(path, parts) | (parts >= MANY ? MANY_PARTS : 0);
  }

  private static int endSigns(String path, int parts) {
    int signs = 0;
    boolean wild = false;
    int end = path.length();
    for (int n = 1; n < parts && n < MANY; n++) {
      int from = path.lastIndexOf('/', end - 1) + 1;
      if (!mayStand(path, from, end)) {
        break;
      }
      wild |= isWild(path, from, end);
      if (wild) {
        signs |= bit(Place.END, n);
      }
      end = from - 1;
    }
    return signs;
  }

  private static int end(String path, int from) {
    int slash = path.indexOf('/', from);
    return slash < 0 ? path.length() : slash;
  }

  private static boolean isWild(String path, int from, int end) {
    for (int i = from; i < end; i++) {
      char c = path.charAt(i);
      if (c == '*' || c == '?' || c == '[') {
        return true;
      }
    }
    return false;
  }

  /** Whether a part can stand for one without blanks: all of its own are in classes. */
  private static boolean mayStand(String path, int from, int end) {
    boolean classes = true;
    for (int i = from; i < end; i++) {
      char c = path.charAt(i);
      if (c == '[' && classes) {
        int close = path.indexOf(']', i + 2);
        classes = close >= 0 && close < end;
        i = classes ? close : i;
      } else if (c == ' ') {
        return false;
      }
    }
    return true;
  }

  /** A word that stands for a sign in the index of rules; a text that has it is one more text. */
  static String word(int sign) {
    return SIGN + (char) ('a' + sign);
  }

  /**
   * These words for texts of which the tested one is a part, or that are parts of it: what pattern
   * that is they do not show, but that there is one.
   */
  static Set<String> anywhere(Set<String> words) {
    if (words.stream().noneMatch(word -> word.startsWith(SIGN))) {
      return words;
    }
    Set<String> all = new LinkedHashSet<>(words);
    all.add(word(ANY));
    return all;
  }

  /** The sign of whatever can stand for such parts. */
  static int sign(Place place, List<String> parts) {
    for (String part : parts) {
      if (part.indexOf(' ') >= 0) {
        return ANY;
      }
    }
    return Integer.numberOfTrailingZeros(bit(place, parts.size()));
  }

  private static int bit(Place place, int parts) {
    int first =
        switch (place) {
          case WHOLE -> 0;
          case START -> MANY;
          case END -> 2 * MANY;
          case NONE -> throw new IllegalArgumentException("no pattern stands for such a glob");
        };
    return 1 << (first + Math.min(parts, MANY) - 1);
  }

  private static int count(String text, char wanted) {
    int count = 0;
    for (int i = text.indexOf(wanted); i >= 0; i = text.indexOf(wanted, i + 1)) {
      count++;
    }
    return count;
  }

  private static String withoutClasses(String pattern) {
    if (pattern.indexOf('[') < 0) {
      return pattern;
    }
    StringBuilder out = new StringBuilder(pattern.length());
    boolean classes = true;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      int close = c == '[' && classes ? pattern.indexOf(']', i + 2) : -1;
      if (close > 0) {
        i = close;
      }
      classes &= c != '[' || close > 0;
      out.append(close > 0 ? '?' : c);
    }
    return out.toString();
  }
}
