package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a list or a mapping holds after it was changed in its place. */
final class Mutations {
  private static final int MAX_ITEMS = 256;

  private Mutations() {}

  /** Whether a value is, or may be, a list or a mapping whose items are known. */
  static boolean isChangeable(PythonValue value) {
    if (Values.isChoice(value)) {
      return value.items().stream().anyMatch(Mutations::isChangeable);
    }
    return value.kind() == Kind.SEQUENCE || value.kind() == Kind.MAPPING;
  }

  /** The value after the call of one of its methods; null if that does not change it. */
  static @Nullable PythonValue called(
      PythonDraft draft, PythonValue value, String method, List<PythonArgument> arguments) {
    if (arguments.isEmpty() || !draft.charge(value.items().size() + 1L)) {
      return null;
    }
    PythonValue first = arguments.get(0).value();
    return switch (method) {
      case "append" -> each(value, list -> inserted(list, list.items().size(), first));
      case "insert" ->
          arguments.size() < 2
              ? null
              : each(value, list -> inserted(list, place(first, list), arguments.get(1).value()));
      case "extend" -> each(value, list -> Computed.binary(draft, '+', list, listed(first)));
      case "update" -> first.kind() == Kind.MAPPING ? each(value, map -> merged(map, first)) : null;
      default -> null;
    };
  }

  /** The value after {@code value[key] = item}. */
  static PythonValue set(PythonValue value, PythonValue key, PythonValue item) {
    return each(value, one -> replaced(one, key, item));
  }

  private static PythonValue replaced(PythonValue value, PythonValue key, PythonValue item) {
    if (value.kind() == Kind.MAPPING) {
      PythonValue pair = Values.mapping(List.of(key, item));
      return merged(value, pair);
    }
    int place = place(key, value);
    if (value.kind() != Kind.SEQUENCE || place >= value.items().size()) {
      return value;
    }
    List<PythonValue> items = new ArrayList<>(value.items());
    items.set(place, item);
    return Values.sequence(items);
  }

  private interface Change {
    PythonValue of(PythonValue value);
  }

  private static PythonValue each(PythonValue value, Change change) {
    return Values.isChoice(value)
        ? Values.choice(value.items().stream().map(change::of).toList())
        : change.of(value);
  }

  private static PythonValue listed(PythonValue value) {
    List<PythonValue> items = Computed.items(value);
    return Values.sequence(items == null ? List.of(PythonValue.UNKNOWN) : items);
  }

  private static int place(PythonValue index, PythonValue list) {
    long place = Values.number(index);
    int size = list.items().size();
    return Math.clamp(place < 0 ? place + size : place, 0, size);
  }

  private static PythonValue inserted(PythonValue list, int place, PythonValue item) {
    if (list.kind() != Kind.SEQUENCE || list.items().size() >= MAX_ITEMS) {
      return list;
    }
    List<PythonValue> items = new ArrayList<>(list.items());
    items.add(place, item);
    return Values.sequence(items);
  }

  private static PythonValue merged(PythonValue mapping, PythonValue more) {
    if (mapping.kind() != Kind.MAPPING || mapping.items().size() >= 2 * MAX_ITEMS) {
      return mapping;
    }
    List<PythonValue> items = new ArrayList<>(more.items());
    items.addAll(mapping.items());
    return Values.mapping(items);
  }
}
