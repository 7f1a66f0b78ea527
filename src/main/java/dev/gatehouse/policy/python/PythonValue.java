package dev.gatehouse.policy.python;

import java.util.List;

/**
 * What an expression stands for, as far as it can be computed.
 *
 * @param kind what sort of value
 * @param text of a string or bytes its content, each part that cannot be computed one {@link
 *     #HOLE}; of a number, boolean or None its digits or name; of a name its qualified name; of an
 *     object the text it was made from, such as the path of a {@code pathlib.Path}; else empty
 * @param type of an object the qualified name of the constructor or function that made it; else
 *     empty
 * @param items of a sequence its items; of a mapping its keys and values in turn; else empty
 * @param call of an object the index of the call that made it; else -1
 * @param weight of how many values it is made, itself included; those that stand in several places
 *     count at each; at most 4,096
 */
public record PythonValue(
    Kind kind, String text, String type, List<PythonValue> items, int call, int weight) {

  /** Stands in {@link #text} for a part that cannot be computed. */
  public static final char HOLE = '\uFFFC';

  public static final PythonValue UNKNOWN = new PythonValue(Kind.UNKNOWN, "", "", List.of(), -1, 1);

  /** The sorts of values. */
  public enum Kind {
    STRING,
    BYTES,
    NUMBER,
    BOOLEAN,
    NONE,
    /** A list, tuple or set. */
    SEQUENCE,
    MAPPING,
    /** A module, function or class under its qualified name. */
    NAME,
    /** What a call returned. */
    OBJECT,
    UNKNOWN
  }

  public static PythonValue string(String text) {
    return new PythonValue(Kind.STRING, text, "", List.of(), -1, 1);
  }

  /** Whether it is a string or bytes, complete or in part. */
  public boolean isText() {
    return kind == Kind.STRING || kind == Kind.BYTES;
  }

  /** Whether it is a string or bytes without a hole. */
  public boolean isKnownText() {
    return isText() && text.indexOf(HOLE) < 0;
  }

  /** Of a text the part before the first hole; else empty. */
  public String knownPrefix() {
    if (!isText()) {
      return "";
    }
    int hole = text.indexOf(HOLE);
    return hole < 0 ? text : text.substring(0, hole);
  }
}
