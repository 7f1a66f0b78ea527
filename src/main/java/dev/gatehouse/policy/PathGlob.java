package dev.gatehouse.policy;

import dev.gatehouse.policy.match.Glob;
import java.util.List;

/**
 * A glob for paths, and which of a shell's file patterns can expand to what it matches.
 *
 * @param place which parts of a path have to be the ones given
 * @param parts those, without wildcards
 */
record PathGlob(Glob glob, Place place, List<String> parts) {
  /** Which parts of a path are given; of other globs no pattern is told to stand for them. */
  enum Place {
    WHOLE,
    START,
    END,
    NONE
  }

  static PathGlob of(Glob glob) {
    String target = glob.pattern();
    if (target.startsWith("*/") && Glob.of(target.substring(2)).isPlain()) {
      return new PathGlob(glob, Place.END, parts(target.substring(2)));
    }
    if (target.endsWith("/*") && target.indexOf('*') == target.length() - 1) {
      return new PathGlob(glob, Place.START, parts(target.substring(0, target.length() - 2)));
    }
    return glob.isPlain()
        ? new PathGlob(glob, Place.WHOLE, parts(target))
        : new PathGlob(glob, Place.NONE, List.of());
  }

  private static List<String> parts(String path) {
    return List.of(path.split("/", -1));
  }

  /**
   * The longest run of ordinary characters of what matches. A slash in front of it only where every
   * such path begins with one: in a path of Windows it is none until it is resolved.
   */
  String literal() {
    String literal = glob.literal();
    return literal.startsWith("/") && !glob.pattern().startsWith("/")
        ? literal.substring(1)
        : literal;
  }

  /**
   * The sign of a text that a pattern which can stand for it has at least, as {@link
   * PathPattern#signs} tells it; -1 where none can.
   */
  int sign() {
    return place == Place.NONE ? -1 : PathPattern.sign(place, parts);
  }
}
