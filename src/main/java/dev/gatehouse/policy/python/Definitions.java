package dev.gatehouse.policy.python;

import java.util.ArrayList;
import java.util.List;

/** Reads what defines functions and classes, and a function's body once more for a call of it. */
final class Definitions {
  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;
  private final Expressions expressions;
  private int bodyScanned;

  Definitions(Program program, Expressions expressions) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
    this.expressions = expressions;
  }

  /** {@code class}: its body is read as what follows. */
  void type() {
    program.at++;
    if (tokens.kind(program.at) == Tokens.NAME) {
      String name = tokens.name(program.at);
      draft.definitions.add(name);
      program.scope.set(name, Values.name("<local>." + name));
      program.at++;
    }
    if (tokens.isOperator(program.at, '(')) {
      expressions.primaries().primary();
    }
  }

  /** {@code def}: the scope is its body's from here on. */
  void function() {
    program.at++;
    if (tokens.kind(program.at) != Tokens.NAME) {
      return;
    }
    String name = tokens.name(program.at);
    program.at++;
    draft.definitions.add(name);
    List<String> parameters = new ArrayList<>();
    List<PythonValue> defaults = new ArrayList<>();
    if (tokens.isOperator(program.at, '(')) {
      program.at++;
      parameters(parameters, defaults);
    }
    while (program.at < program.end
        && tokens.kind(program.at) != Tokens.LINE
        && !tokens.isOperator(program.at, ':')) {
      program.at++;
    }
    if (tokens.isOperator(program.at, ':')) {
      program.at++;
    }
    program.scope.set(name, Values.name("<local>." + name));
    int bodyEnd = bodyEnd(program.at, program.lineIndent);
    Scope inner = new Scope(program.scope, name, program.lineIndent);
    program.functions.put(
        name,
        new Function(
            name,
            List.copyOf(parameters),
            List.copyOf(defaults),
            program.at,
            bodyEnd,
            inner,
            program));
    for (int i = 0; i < parameters.size(); i++) {
      PythonValue value = defaults.get(i);
      inner.set(
          parameters.get(i),
          Values.isKnown(value)
              ? Values.choice(List.of(value, PythonValue.UNKNOWN))
              : PythonValue.UNKNOWN);
    }
    program.scope = inner;
  }

  /** Index of the token behind the block that starts here. */
  private int bodyEnd(int from, int indent) {
    int most = 8 * tokens.count() + 1;
    int at = from;
    for (int line = tokens.lineOf(from); at < program.end; line++) {
      int stop = Math.min(tokens.lineEnd(line), program.end);
      if (stop - at > most - bodyScanned) {
        at += Math.max(0, most - bodyScanned);
        bodyScanned = most;
        draft.facts.add(PythonFact.LIMIT_REACHED);
        return at;
      }
      bodyScanned += stop - at;
      at = stop + 1;
      if (at < program.end && tokens.kind(at) != Tokens.LINE && tokens.indent(at) <= indent) {
        return at;
      }
    }
    return program.end;
  }

  private void parameters(List<String> names, List<PythonValue> defaults) {
    while (program.at < program.end
        && !tokens.isOperator(program.at, ')')
        && tokens.kind(program.at) != Tokens.LINE) {
      if (tokens.kind(program.at) != Tokens.NAME) {
        program.at++;
        continue;
      }
      names.add(tokens.name(program.at));
      program.at++;
      if (tokens.isOperator(program.at, ':')) {
        program.at++;
        expressions.expression();
      }
      if (tokens.isOperator(program.at, '=')) {
        program.at++;
        defaults.add(expressions.expression());
      } else {
        defaults.add(PythonValue.UNKNOWN);
      }
      while (program.at < program.end
          && !tokens.isOperator(program.at, ',')
          && !tokens.isOperator(program.at, ')')
          && tokens.kind(program.at) != Tokens.LINE) {
        program.at++;
      }
    }
    if (tokens.isOperator(program.at, ')')) {
      program.at++;
    }
  }

  /** {@code return}: what a function returns is one of all that it returns. */
  void returned() {
    program.at++;
    if (tokens.kind(program.at) != Tokens.LINE) {
      PythonValue value = expressions.list();
      program.scope.returned =
          program.scope.returned == null
              ? value
              : Values.either(draft, program.scope.returned, value);
    }
  }

  /** Reads a function's body once more, with what its parameters hold; what it returns. */
  PythonValue run(Function function, List<PythonValue> arguments, List<String> keywords) {
    if (!draft.charge(function.bodyEnd() - (long) function.bodyStart()) || !draft.enter()) {
      return PythonValue.UNKNOWN;
    }
    Scope inner = new Scope(function.program().scope.module(), function.name(), -1);
    List<String> names = function.parameters();
    int offset =
        !names.isEmpty() && (names.get(0).equals("self") || names.get(0).equals("cls")) ? 1 : 0;
    for (int i = 0; i < names.size(); i++) {
      inner.set(names.get(i), function.defaults().get(i));
    }
    int position = offset;
    for (int i = 0; i < arguments.size(); i++) {
      String keyword = keywords.get(i);
      if (!keyword.isEmpty()) {
        if (names.contains(keyword)) {
          inner.set(keyword, arguments.get(i));
        }
      } else if (position < names.size()) {
        inner.set(names.get(position++), arguments.get(i));
      }
    }
    function.program().again(function.bodyStart(), function.bodyEnd(), inner);
    PythonValue returned = inner.returned;
    draft.leave();
    return returned == null ? PythonValue.UNKNOWN : returned;
  }
}
