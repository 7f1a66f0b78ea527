package dev.gatehouse.policy;

import dev.gatehouse.policy.PathGlob.Place;
import dev.gatehouse.policy.match.Glob;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shell's file pattern. A part of it that is hardly more than a wildcard stands for everything
 * and so tells nothing: it does not count, unless it is the only one of its kind beside parts that
 * are the same.
 */
final class PathPattern {
  /** Paths with so many parts and more have the same signs. */
  private static final int MANY = 8;

  /** The sign of every pattern. */
  private static final int ANY = 3 * MANY;

  /** How many signs there are. */
  static final int SIGNS = ANY + 1;

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

  private final List<Part> parts;

  private PathPattern(List<Part> parts) {
    this.parts = parts;
  }

  /** The pattern that a path is, as {@link PathText#normal} leaves it; null if it is none. */
  static @Nullable PathPattern of(String path) {
    if (!isPattern(path)) {
      return null;
    }
    List<Part> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      parts.add(Part.of(part));
    }
    return new PathPattern(parts);
  }

  private static boolean isPattern(String path) {
    return path.indexOf('*') >= 0 || path.indexOf('?') >= 0 || path.indexOf('[') >= 0;
  }

  /** Whether it can expand to a path that the glob matches. */
  boolean canStandFor(PathGlob target) {
    int given = parts.size();
    int wanted = target.parts().size();
    return switch (target.place()) {
      case WHOLE -> given == wanted && standsFor(0, target.parts(), true);
      case START -> given > wanted && standsFor(0, target.parts(), false);
      case END -> given > wanted && standsFor(given - wanted, target.parts(), false);
      case NONE -> false;
    };
  }

  private boolean standsFor(int from, List<String> wanted, boolean oneUntelling) {
    boolean same = false;
    int untelling = 0;
    for (int i = 0; i < wanted.size(); i++) {
      Part part = parts.get(from + i);
      if (!part.glob().matches(wanted.get(i))) {
        return false;
      }
      boolean equal = part.text().equals(wanted.get(i));
      same |= equal && !part.text().isEmpty();
      untelling += equal || part.tells() ? 0 : 1;
    }
    return untelling == 0 || (oneUntelling && untelling == 1 && same);
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
    int wild = 0;
    int from = 0;
    for (int n = 1; n <= parts && n < MANY; n++) {
      int end = end(path, from);
      if (!mayStand(path, from, end)) {
        wild = -1;
        break;
      }
      wild |= isWild(path, from, end) ? 1 : 0;
      if (wild == 1 && n < parts) {
        signs |= bit(Place.START, n);
      }
      from = end + 1;
    }
    if (wild == 1 && parts < MANY) {
      signs |= bit(Place.WHOLE, parts);
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
        return signs;
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

  /** A word that stands for a sign in the index of rules; texts do not have it. */
  static String word(int sign) {
    return "\u0001/" + (char) ('a' + sign);
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
