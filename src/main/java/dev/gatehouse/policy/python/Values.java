package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.List;

/** Makes values out of values. */
final class Values {
  /** More are taken for anything at all. */
  private static final int MAX_CHOICES = 32;

  /** A list that holds another twice, and so on, is small as it is written, and endless to read. */
  private static final int MAX_WEIGHT = 4096;

  static final String HOLE = String.valueOf(PythonValue.HOLE);

  private Values() {}

  static PythonValue of(Kind kind, String text) {
    return new PythonValue(kind, text, "", List.of(), -1, 1);
  }

  /** A value of items; unknown if that is too many, counted at each place where they stand. */
  private static PythonValue of(Kind kind, List<PythonValue> items) {
    int weight = 1;
    for (int i = 0, count = items.size(); i < count; i++) {
      weight += items.get(i).weight();
      if (weight > MAX_WEIGHT) {
        return PythonValue.UNKNOWN;
      }
    }
    return new PythonValue(kind, "", "", List.copyOf(items), -1, weight);
  }

  static PythonValue name(String qualified) {
    return of(Kind.NAME, qualified);
  }

  static PythonValue number(long number) {
    return of(Kind.NUMBER, Long.toString(number));
  }

  static PythonValue sequence(List<PythonValue> items) {
    return of(Kind.SEQUENCE, items);
  }

  static PythonValue mapping(List<PythonValue> items) {
    return of(Kind.MAPPING, items);
  }

  static PythonValue object(String type, String text, int call) {
    return new PythonValue(Kind.OBJECT, text, type, List.of(), call, 1);
  }

  /** A value that is one of two; unknown if it would take too long to tell them apart. */
  static PythonValue either(PythonDraft draft, PythonValue one, PythonValue other) {
    return draft.weigh(one) && draft.weigh(other)
        ? choice(List.of(one, other))
        : PythonValue.UNKNOWN;
  }

  /** A value that is one of several. */
  static PythonValue choice(List<PythonValue> values) {
    if (values.size() == 2 && !isChoice(values.get(0)) && !isChoice(values.get(1))) {
      return values.get(0).equals(values.get(1)) ? values.get(0) : of(Kind.UNKNOWN, values);
    }
    List<PythonValue> distinct = new ArrayList<>();
    for (PythonValue value : values) {
      for (PythonValue one : isChoice(value) ? value.items() : List.of(value)) {
        if (distinct.size() < MAX_CHOICES && !distinct.contains(one)) {
          distinct.add(one);
        } else if (distinct.size() == MAX_CHOICES) {
          distinct.set(MAX_CHOICES - 1, PythonValue.UNKNOWN);
        }
      }
    }
    if (distinct.size() == 1) {
      return distinct.get(0);
    }
    return distinct.isEmpty() ? PythonValue.UNKNOWN : of(Kind.UNKNOWN, distinct);
  }

  static boolean isChoice(PythonValue value) {
    return value.kind() == Kind.UNKNOWN && !value.items().isEmpty();
  }

  static boolean isKnown(PythonValue value) {
    return value.kind() != Kind.UNKNOWN || !value.items().isEmpty();
  }

  /** The value as text for a place in a string: a hole if it has none. */
  static String textFor(PythonValue value) {
    return switch (value.kind()) {
      case STRING, BYTES, NUMBER, BOOLEAN, NONE -> value.text();
      case OBJECT -> value.text().isEmpty() ? HOLE : value.text();
      case NAME -> constant(value);
      case SEQUENCE, MAPPING, UNKNOWN -> HOLE;
    };
  }

  /** The text of a name that stands for the same one everywhere: a hole for any other value. */
  static String constant(PythonValue value) {
    if (value.kind() != Kind.NAME) {
      return HOLE;
    }
    return switch (value.text()) {
      case "sys.executable" -> "python3";
      case "os.sep", "os.path.sep" -> "/";
      case "os.curdir" -> ".";
      case "os.devnull" -> "/dev/null";
      case "os.linesep" -> "\n";
      default -> HOLE;
    };
  }

  /** The number, or a value below any that is of use. */
  static long number(PythonValue value) {
    if (value.kind() != Kind.NUMBER) {
      return Long.MIN_VALUE;
    }
    String text = value.text().replace("_", "");
    int radix = 10;
    int at = text.startsWith("-") ? 1 : 0;
    if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
      radix = 16;
      at += 2;
    } else if (text.startsWith("0b", at) || text.startsWith("0B", at)) {
      radix = 2;
      at += 2;
    } else if (text.startsWith("0o", at) || text.startsWith("0O", at)) {
      radix = 8;
      at += 2;
    }
    if (at >= text.length() || text.length() - at > 15) {
      return Long.MIN_VALUE;
    }
    long number = 0;
    for (int i = at; i < text.length(); i++) {
      int digit = Character.digit(text.charAt(i), radix);
      if (digit < 0) {
        return Long.MIN_VALUE;
      }
      number = number * radix + digit;
    }
    return text.startsWith("-") ? -number : number;
  }
}
