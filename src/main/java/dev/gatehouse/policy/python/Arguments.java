package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.List;

/** Reads the arguments of a call, and makes the call. */
final class Arguments {
  private static final int MAX_ITEMS = 256;

  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;
  private final Expressions expressions;
  private final Displays displays;
  private final StringTokens strings;
  private final Calls calls;
  private List<PythonArgument> last = List.of();

  Arguments(
      Program program,
      Expressions expressions,
      Displays displays,
      StringTokens strings,
      Calls calls) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
    this.expressions = expressions;
    this.displays = displays;
    this.strings = strings;
    this.calls = calls;
  }

  PythonValue call(PythonValue callee, PythonValue receiver, int start) {
    boolean none = program.at < program.end && tokens.isOperator(program.at, ')');
    List<PythonArgument> arguments = none ? List.of() : new ArrayList<>(3);
    int from = program.at;
    while (program.at < program.end && !tokens.isOperator(program.at, ')')) {
      int before = program.at;
      String keyword = "";
      if (tokens.isOperator(before, '*')) {
        keyword = "*";
        program.at++;
      } else if (tokens.isDouble(before, '*')) {
        keyword = "**";
        program.at++;
      } else if (tokens.kind(before) == Tokens.NAME && tokens.isOperator(before + 1, '=')) {
        keyword = tokens.name(before);
        program.at += 2;
      }
      int valueAt = program.at;
      PythonValue value = expressions.expression();
      if (displays.isFor()) {
        value = displays.comprehension(valueAt);
      }
      int end = Math.max(valueAt, program.at - 1);
      if (!draft.weigh(value)) {
        value = PythonValue.UNKNOWN;
      }
      int spanStart = program.spanStart(tokens.start(valueAt));
      add(
          arguments,
          new PythonArgument(
              keyword, value, spanStart, Math.max(spanStart, program.spanEnd(tokens.end(end)))));
      if (tokens.isOperator(program.at, ',')) {
        program.at++;
      } else if (program.at == before) {
        program.at++;
      } else if (tokens.isOperator(program.at, ']')
          || tokens.isOperator(program.at, '}')
          || tokens.kind(program.at) == Tokens.LINE) {
        break;
      }
    }
    displays.close(')');
    this.last = arguments;
    String name = calls.nameOf(callee);
    if (KnownNames.callee(name).prints()) {
      strings.paint(from, program.at);
    }
    if (Values.isChoice(callee)) {
      PythonValue result = PythonValue.UNKNOWN;
      for (PythonValue one : callee.items()) {
        result = calls.call(calls.nameOf(one), receiver, arguments, start, program.at);
      }
      return result;
    }
    return calls.call(name, receiver, arguments, start, program.at);
  }

  /** The arguments of the call that was made last. */
  List<PythonArgument> last() {
    return last;
  }

  /** What {@code *list} and {@code **mapping} hold are arguments like others, if it is known. */
  private static void add(List<PythonArgument> arguments, PythonArgument argument) {
    PythonValue value = argument.value();
    List<PythonValue> items = value.items();
    if (argument.keyword().equals("*") && value.kind() == Kind.SEQUENCE) {
      for (int i = 0; i < items.size() && arguments.size() < MAX_ITEMS; i++) {
        arguments.add(new PythonArgument("", items.get(i), argument.start(), argument.end()));
      }
    } else if (argument.keyword().equals("**") && value.kind() == Kind.MAPPING) {
      for (int i = 0; i + 1 < items.size() && arguments.size() < MAX_ITEMS; i += 2) {
        String keyword = items.get(i).isKnownText() ? items.get(i).text() : "**";
        arguments.add(
            new PythonArgument(keyword, items.get(i + 1), argument.start(), argument.end()));
      }
    } else if (arguments.size() < MAX_ITEMS) {
      arguments.add(argument);
    }
  }
}
