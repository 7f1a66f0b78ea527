package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads expressions, tells of the calls in them, and computes what they stand for. Any token that
 * fits nowhere ends an expression.
 */
final class Expressions {
  private static final int MAX_ITEMS = 256;

  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;
  private final Calls calls;
  private final StringTokens strings;
  private final Primaries primaries;

  Expressions(Program program) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
    this.calls = new Calls(program);
    this.strings = new StringTokens(program);
    this.primaries = new Primaries(program, this, strings, calls);
  }

  Calls calls() {
    return calls;
  }

  StringTokens strings() {
    return strings;
  }

  Primaries primaries() {
    return primaries;
  }

  /** Expressions with commas between them: a sequence if there are several. */
  PythonValue list() {
    PythonValue first = expression();
    if (!tokens.isOperator(program.at, ',')) {
      return first;
    }
    List<PythonValue> items = new ArrayList<>();
    items.add(first);
    while (program.at < program.end && tokens.isOperator(program.at, ',')) {
      program.at++;
      if (!startsExpression()) {
        break;
      }
      PythonValue item = expression();
      if (items.size() < MAX_ITEMS) {
        items.add(item);
      }
    }
    return Values.sequence(items);
  }

  private boolean startsExpression() {
    int kind = tokens.kind(program.at);
    if (kind == Tokens.LINE || kind == Tokens.END) {
      return false;
    }
    return kind < Tokens.LINE || "([{-+~*".indexOf((char) (kind - Tokens.OPERATOR)) >= 0;
  }

  /** One expression, with operators, comparisons, conditions and lambdas. */
  PythonValue expression() {
    if (!draft.enter()) {
      program.at++;
      return PythonValue.UNKNOWN;
    }
    PythonValue value = unary();
    if (goesOn()) {
      value = operators(value);
    }
    draft.leave();
    return value;
  }

  private boolean goesOn() {
    return program.at < program.end && tokens.continues(program.at);
  }

  private PythonValue operators(PythonValue first) {
    PythonValue value = sum(first);
    while (program.at < program.end) {
      int at = program.at;
      switch (tokens.keyword(at)) {
        case Keyword.IF -> {
          program.at++;
          expression();
          if (program.at < program.end && tokens.is(program.at, Keyword.ELSE)) {
            program.at++;
            value = Values.either(draft, value, expression());
          }
          return value;
        }
        case Keyword.OR -> {
          program.at++;
          value = Values.either(draft, value, sum());
        }
        case Keyword.AND -> {
          program.at++;
          value = sum();
        }
        case Keyword.IN, Keyword.IS, Keyword.NOT -> {
          program.at++;
          sum();
          value = PythonValue.UNKNOWN;
        }
        default -> {
          if (tokens.isWalrus(at)) {
            program.at++;
            PythonValue assigned = expression();
            program.assignments().assign(at - 1, at, assigned);
            return assigned;
          }
          if (!isComparison(at)) {
            return value;
          }
          boolean union = tokens.isOperator(at, '|');
          program.at++;
          PythonValue other = sum();
          value = union ? union(value, other) : PythonValue.UNKNOWN;
        }
      }
    }
    return value;
  }

  /** Flags that are set together: a name that holds the names of all. */
  private PythonValue union(PythonValue one, PythonValue other) {
    boolean names = one.kind() == Kind.NAME && other.kind() == Kind.NAME;
    return names && draft.charge(one.text().length() + (long) other.text().length())
        ? Values.name(one.text() + "|" + other.text())
        : PythonValue.UNKNOWN;
  }

  private boolean isComparison(int at) {
    int kind = tokens.kind(at);
    if (kind < Tokens.OPERATOR) {
      return false;
    }
    int length = tokens.end(at) - tokens.start(at);
    return switch ((char) (kind - Tokens.OPERATOR)) {
      case '<', '>' -> length < 3;
      case '=', '!' -> length == 2;
      case '&', '|', '^' -> length == 1;
      default -> false;
    };
  }

  /** One expression without comparisons and conditions. */
  PythonValue sum() {
    PythonValue first = unary();
    return goesOn() ? sum(first) : first;
  }

  private PythonValue sum(PythonValue first) {
    PythonValue value = product(first);
    while (program.at < program.end
        && (tokens.isOperator(program.at, '+') || tokens.isOperator(program.at, '-'))) {
      char operator = tokens.text.charAt(tokens.start(program.at));
      program.at++;
      value = Computed.binary(draft, operator, value, product(unary()));
    }
    return value;
  }

  private PythonValue product(PythonValue first) {
    PythonValue value = first;
    while (program.at < program.end) {
      int at = program.at;
      boolean one =
          tokens.isOperator(at, '*') || tokens.isOperator(at, '/') || tokens.isOperator(at, '%');
      if (!one
          && !tokens.isDouble(at, '/')
          && !tokens.isDouble(at, '*')
          && !tokens.isOperator(at, '@')) {
        break;
      }
      program.at++;
      PythonValue other = unary();
      value =
          one
              ? Computed.binary(draft, tokens.text.charAt(tokens.start(at)), value, other)
              : PythonValue.UNKNOWN;
    }
    return value;
  }

  private PythonValue unary() {
    return program.at < program.end && tokens.isPrefix(program.at)
        ? prefixed()
        : primaries.primary();
  }

  private PythonValue prefixed() {
    int at = program.at;
    boolean minus = false;
    while (at < program.end && tokens.isPrefix(at)) {
      minus ^= tokens.isOperator(at, '-');
      at++;
    }
    program.at = at;
    PythonValue value = primaries.primary();
    if (minus) {
      long number = Values.number(value);
      return number == Long.MIN_VALUE ? PythonValue.UNKNOWN : Values.number(-number);
    }
    return value;
  }
}
