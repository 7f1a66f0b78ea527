package dev.gatehouse.policy.python;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What names stand for in a function, or at module level. */
final class Scope {
  private final @Nullable Scope outer;
  final String function;

  /** Lines that are indented no further than this are no longer in it. */
  final int indent;

  private @Nullable Map<String, PythonValue> values;

  /** What the function returns, as far as it was read; null if nothing yet. */
  @Nullable PythonValue returned;

  Scope(@Nullable Scope outer, String function, int indent) {
    this.outer = outer;
    this.function = function;
    this.indent = indent;
  }

  @Nullable PythonValue get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      PythonValue value = scope.own(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** Gives a name another value in the scope that it belongs to; false if it belongs to none. */
  boolean replace(String name, PythonValue value) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.own(name) != null) {
        scope.set(name, value);
        return true;
      }
    }
    return false;
  }

  @Nullable PythonValue own(String name) {
    return values == null ? null : values.get(name);
  }

  void set(String name, PythonValue value) {
    if (values == null) {
      values = new HashMap<>();
    }
    values.put(name, value);
  }

  @Nullable Scope outer() {
    return outer;
  }

  Scope module() {
    Scope scope = this;
    for (Scope next = outer; next != null; next = next.outer) {
      scope = next;
    }
    return scope;
  }
}
