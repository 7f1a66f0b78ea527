package dev.gatehouse.policy.python;

import java.util.ArrayList;
import java.util.List;

/** Reads the arguments of a call, and makes the call. */
final class Arguments {
  private static final int MAX_ITEMS = 256;

  private final Program program;
  private final Tokens tokens;
  private final Expressions expressions;
  private final Displays displays;
  private final StringTokens strings;
  private final Calls calls;

  Arguments(
      Program program,
      Expressions expressions,
      Displays displays,
      StringTokens strings,
      Calls calls) {
    this.program = program;
    this.tokens = program.tokens;
    this.expressions = expressions;
    this.displays = displays;
    this.strings = strings;
    this.calls = calls;
  }

  PythonValue call(PythonValue callee, PythonValue receiver, int start) {
    List<PythonArgument> arguments = new ArrayList<>(3);
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
      int last = Math.max(valueAt, program.at - 1);
      if (arguments.size() < MAX_ITEMS) {
        arguments.add(
            new PythonArgument(
                keyword,
                value,
                program.spanStart(tokens.start(valueAt)),
                Math.max(
                    program.spanStart(tokens.start(valueAt)), program.spanEnd(tokens.end(last)))));
      }
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
    String name = calls.nameOf(callee);
    if (Calls.prints(name)) {
      strings.paint(from, program.at);
    }
    if (Values.isChoice(callee)) {
      PythonValue last = PythonValue.UNKNOWN;
      for (PythonValue one : callee.items()) {
        last = calls.call(calls.nameOf(one), receiver, arguments, start, program.at);
      }
      return last;
    }
    return calls.call(name, receiver, arguments, start, program.at);
  }
}
