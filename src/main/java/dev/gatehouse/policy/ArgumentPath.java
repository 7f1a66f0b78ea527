package dev.gatehouse.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Points into JSON values: {@code command}, {@code files[0].path}, {@code files[*].path}, {@code
 * a.*}; {@code **} stands for every value at any depth. Immutable.
 */
final class ArgumentPath {
  private static final int DEEPEST = 32;
  private static final String EVERY = "*";
  private static final String EVERYWHERE = "**";

  private final String text;
  private final List<String> steps;
  private final @Nullable String single;

  private ArgumentPath(String text, List<String> steps) {
    this.text = text;
    this.steps = steps;
    this.single = steps.size() == 1 && !text.contains("*") && text.indexOf('[') < 0 ? text : null;
  }

  /**
   * Reads a path.
   *
   * @throws IllegalArgumentException if it is not one
   */
  static ArgumentPath of(String text) {
    List<String> steps = new ArrayList<>();
    for (String part : text.split("\\.", -1)) {
      int bracket = part.indexOf('[');
      String name = bracket < 0 ? part : part.substring(0, bracket);
      if (!name.isEmpty()) {
        steps.add(name);
      } else if (bracket != 0) {
        throw new IllegalArgumentException("'" + text + "' has an empty name");
      }
      for (int at = bracket; at >= 0 && at < part.length(); ) {
        int close = part.indexOf(']', at);
        if (part.charAt(at) != '[' || close < 0) {
          throw new IllegalArgumentException("'" + text + "' has an unclosed bracket");
        }
        String index = part.substring(at + 1, close);
        if (!index.equals(EVERY) && !index.matches("\\d{1,9}")) {
          throw new IllegalArgumentException("'[" + index + "]' is no index");
        }
        steps.add("[" + index);
        at = close + 1;
      }
    }
    return new ArgumentPath(text, List.copyOf(steps));
  }

  /** The single name this path consists of, or null. */
  @Nullable String single() {
    return single;
  }

  /** Whether it can lead into the value of this name at the root. */
  boolean canEnter(String name) {
    String first = steps.getFirst();
    return first.equals(name) || first.equals(EVERY) || first.equals(EVERYWHERE);
  }

  /**
   * Whether {@code test} holds for some value that the path points to. A path may point to none.
   *
   * @param test is given the value's own path and the value
   */
  boolean any(Map<String, Object> root, BiPredicate<String, @Nullable Object> test) {
    String name = single;
    if (name != null) {
      Object value = root.get(name);
      return (value != null || root.containsKey(name)) && test.test(name, value);
    }
    return walk(root, 0, "", test, 0);
  }

  private boolean walk(
      @Nullable Object value,
      int step,
      String path,
      BiPredicate<String, @Nullable Object> test,
      int depth) {
    if (step == steps.size()) {
      return test.test(path, value);
    }
    String name = steps.get(step);
    boolean everywhere = name.equals(EVERYWHERE);
    if (depth > DEEPEST) {
      return false;
    }
    if (everywhere && walk(value, step + 1, path, test, depth + 1)) {
      return true;
    }
    int next = everywhere ? step : step + 1;
    if (value instanceof Map<?, ?> map) {
      if (!everywhere && !name.equals(EVERY)) {
        String inner = path.isEmpty() ? name : path + "." + name;
        return map.containsKey(name) && walk(map.get(name), next, inner, test, depth + 1);
      }
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String inner = path.isEmpty() ? "" + entry.getKey() : path + "." + entry.getKey();
        if (walk(entry.getValue(), next, inner, test, depth + 1)) {
          return true;
        }
      }
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        if ((everywhere || name.equals("[*") || name.equals(EVERY) || name.equals("[" + i))
            && walk(list.get(i), next, path + "[" + i + "]", test, depth + 1)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * A copy of {@code root} with {@code value} at this place, or without the place if the value is
   * null; null if the path has a wildcard or leads through a list's end or a value without parts.
   */
  @SuppressWarnings("unchecked") // a copy of a JSON object has text keys
  @Nullable Map<String, Object> set(Map<String, Object> root, @Nullable Object value) {
    return set(root, 0, value) instanceof Map<?, ?> map ? (Map<String, Object>) map : null;
  }

  /** A copy of {@code container} with the value below it; null if there is no such place. */
  private @Nullable Object set(@Nullable Object container, int step, @Nullable Object value) {
    if (step == steps.size()) {
      return value;
    }
    String name = steps.get(step);
    boolean removes = value == null && step == steps.size() - 1;
    if (name.startsWith("[")) {
      int index = name.contains(EVERY) ? Integer.MAX_VALUE : Integer.parseInt(name.substring(1));
      if (!(container instanceof List<?> list) || index >= list.size()) {
        return null;
      }
      List<@Nullable Object> copy = new ArrayList<>(list);
      if (removes) {
        copy.remove(index);
        return copy;
      }
      copy.set(index, set(list.get(index), step + 1, value));
      return copy.get(index) == null ? null : copy;
    }
    if (name.contains(EVERY) || !(container == null || container instanceof Map<?, ?>)) {
      return null;
    }
    Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
    if (container instanceof Map<?, ?> map) {
      copy.putAll(map);
    }
    if (removes) {
      boolean there = copy.containsKey(name);
      copy.remove(name);
      return there ? copy : null;
    }
    copy.put(name, set(copy.get(name), step + 1, value));
    return copy.get(name) == null ? null : copy;
  }

  @Override
  public String toString() {
    return text;
  }
}
