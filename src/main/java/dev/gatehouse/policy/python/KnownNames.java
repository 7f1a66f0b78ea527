package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names that were read lately, so that those of ordinary programs are not made and hashed again for
 * each. Safe for any thread without a lock: an entry is immutable, and a write that is lost costs
 * no more than making it once more. Holds at most 4,096 entries of each sort, of at most 64
 * characters each.
 */
final class KnownNames {
  private static final int SIZE = 4_096;

  /** Longer names are rarely met twice. */
  private static final int LONGEST = 32;

  private static final @Nullable PythonValue[] NAMES = new @Nullable PythonValue[SIZE];
  private static final @Nullable Attribute[] ATTRIBUTES = new @Nullable Attribute[SIZE];
  private static final @Nullable Callee[] CALLEES = new @Nullable Callee[SIZE];

  private record Attribute(String of, String name, PythonValue value) {}

  private KnownNames() {}

  private static PythonValue value(String name) {
    return new PythonValue(Kind.NAME, name, "", List.of(), -1, 1);
  }

  private static int place(int hash) {
    return (hash ^ hash >>> 12) & SIZE - 1;
  }

  /** The text between two places, of which the second lies behind the first, as a name. */
  static PythonValue name(String text, char[] chars, int start, int end) {
    int length = end - start;
    if (length > LONGEST) {
      return value(text.substring(start, end));
    }
    int hash = (chars[start] * 31 + chars[start + length / 2]) * 31 + chars[end - 1];
    int place = place((hash * 31 + chars[start + length / 4]) * 31 + length);
    PythonValue known = NAMES[place];
    if (known != null && known.text().length() == length && text.startsWith(known.text(), start)) {
      return known;
    }
    PythonValue made = value(text.substring(start, end));
    NAMES[place] = made;
    return made;
  }

  /** The attribute {@code name} of what has the qualified name {@code of}; that may be empty. */
  static PythonValue attribute(String of, String name) {
    if (of.length() > LONGEST || name.length() > LONGEST) {
      return value(Names.attribute(of, name));
    }
    int place = place(of.hashCode() * 31 + name.hashCode());
    Attribute known = ATTRIBUTES[place];
    if (known != null && known.name.equals(name) && known.of.equals(of)) {
      return known.value;
    }
    PythonValue made = value(Names.attribute(of, name));
    ATTRIBUTES[place] = new Attribute(of, name, made);
    return made;
  }

  /** What is known of a function by its name. */
  static Callee callee(String name) {
    if (name.length() > 2 * LONGEST) {
      return Callee.of(name);
    }
    int place = place(name.hashCode());
    Callee known = CALLEES[place];
    if (known != null && known.name().equals(name)) {
      return known;
    }
    Callee made = Callee.of(name);
    CALLEES[place] = made;
    return made;
  }
}
