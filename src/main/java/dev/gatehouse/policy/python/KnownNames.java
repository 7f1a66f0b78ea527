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

  private static final @Nullable Name[] NAMES = new @Nullable Name[SIZE];
  private static final @Nullable Attribute[] ATTRIBUTES = new @Nullable Attribute[SIZE];
  private static final @Nullable Callee[] CALLEES = new @Nullable Callee[SIZE];

  private record Attribute(String of, String name, PythonValue value) {}

  /**
   * A name as it stands in a text.
   *
   * @param head its first eight characters if it is of ASCII and no longer than sixteen; else 0
   * @param tail the others; else a hash
   * @param kind of its token
   * @param value what it stands for if nothing else is known of it
   */
  record Name(long head, long tail, int kind, PythonValue value) {}

  private KnownNames() {}

  private static PythonValue value(String name) {
    return new PythonValue(Kind.NAME, name, "", List.of(), -1, 1);
  }

  private static int place(int hash) {
    return (hash ^ hash >>> 12) & SIZE - 1;
  }

  private static int place(long head, long tail) {
    return (int) ((head * 0x9E3779B97F4A7C15L ^ tail * 0xC2B2AE3D27D4EB4FL) >>> 52);
  }

  /** The name between two places, of which head and tail are known; they say all of it. */
  static Name name(long head, long tail, String text, int start, int end) {
    int place = place(head, tail);
    Name known = NAMES[place];
    if (known != null && known.head == head && known.tail == tail) {
      return known;
    }
    String name = text.substring(start, end);
    int kind = Tokens.kindOfName(Keyword.of(name));
    Name made = new Name(head, tail, kind, value(name));
    NAMES[place] = made;
    return made;
  }

  /** The name between two places that is too long for a head and a tail, or not of ASCII. */
  static Name name(String text, int start, int end) {
    int length = end - start;
    if (length > LONGEST) {
      return new Name(0, 0, Tokens.NAME, value(text.substring(start, end)));
    }
    long tail = length;
    for (int i = start; i < end; i++) {
      tail = tail * 31 + text.charAt(i);
    }
    int place = place(0, tail);
    Name known = NAMES[place];
    if (known != null
        && known.head == 0
        && known.value.text().length() == length
        && text.startsWith(known.value.text(), start)) {
      return known;
    }
    Name made = new Name(0, tail, Tokens.NAME, value(text.substring(start, end)));
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
