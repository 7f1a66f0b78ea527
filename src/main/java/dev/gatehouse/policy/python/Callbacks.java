package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.List;

/** Tells of calls that are made by what a function is given to. */
final class Callbacks {
  private final Calls calls;

  Callbacks(Calls calls) {
    this.calls = calls;
  }

  /**
   * A function that is given as an argument to one that calls it: {@code map}, {@code
   * Thread(target=..)}, {@code partial}.
   */
  void follow(PythonCall call, Callee callee) {
    if (call.arguments().isEmpty()) {
      return;
    }
    PythonValue target = call.keyword("target");
    int from = 1;
    if (target == null && callee.calls() >= 0) {
      target = call.positional(callee.calls());
      from = callee.calls() + 1;
    }
    if (target == null || target.kind() != Kind.NAME || target.text().startsWith("<local>")) {
      return;
    }
    PythonValue arguments = call.keyword("args");
    String attribute = callee.attribute();
    List<PythonArgument> given = new ArrayList<>();
    boolean each = attribute.equals("map") || attribute.equals("filter");
    if (arguments != null) {
      List<PythonValue> items = Computed.items(arguments);
      for (PythonValue item : items == null ? List.of(PythonValue.UNKNOWN) : items) {
        given.add(new PythonArgument("", item, call.start(), call.end()));
      }
    } else {
      for (int i = from; i < call.arguments().size(); i++) {
        given.add(call.arguments().get(i));
      }
    }
    if (each && given.size() == 1) {
      List<PythonValue> items = Computed.items(given.get(0).value());
      if (items != null && items.size() <= 16 && !isPure(target.text())) {
        for (PythonValue item : items) {
          PythonArgument argument = new PythonArgument("", item, call.start(), call.end());
          calls.one(
              target.text(), PythonValue.UNKNOWN, List.of(argument), call.start(), call.end());
        }
        return;
      }
    }
    if (!isPure(target.text())) {
      calls.one(target.text(), PythonValue.UNKNOWN, given, call.start(), call.end());
    }
  }

  /** The place of the argument that a function calls, by the last part of its name; or -1. */
  static int placeOfCalled(String attribute) {
    return switch (attribute) {
      case "map",
          "filter",
          "submit",
          "apply",
          "apply_async",
          "partial",
          "starmap",
          "to_thread",
          "register",
          "call_soon",
          "start_new_thread",
          "run_sync" ->
          0;
      case "Timer", "run_in_executor", "call_later" -> 1;
      default -> -1;
    };
  }

  private static boolean isPure(String name) {
    return switch (name) {
      case "chr",
          "ord",
          "str",
          "int",
          "float",
          "len",
          "bool",
          "hex",
          "list",
          "tuple",
          "map",
          "partial",
          "filter",
          "repr" ->
          true;
      default -> name.startsWith("str.") || name.startsWith("functools.");
    };
  }
}
