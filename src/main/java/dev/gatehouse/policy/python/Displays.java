package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what stands in brackets: lists, sets, mappings, comprehensions and subscripts. */
final class Displays {
  private static final int MAX_ITEMS = 256;

  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;
  private final Expressions expressions;
  private final Calls calls;

  Displays(Program program, Expressions expressions, Calls calls) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
    this.expressions = expressions;
    this.calls = calls;
  }

  /** The rest of a parenthesis or list: one value, several, or a comprehension. */
  PythonValue bracketed(char close, Kind kind) {
    List<PythonValue> items = new ArrayList<>();
    boolean several = kind == Kind.SEQUENCE;
    while (program.at < program.end && !tokens.isOperator(program.at, close)) {
      int before = program.at;
      boolean spread = tokens.isOperator(before, '*');
      PythonValue item = expressions.expression();
      if (isFor()) {
        item = comprehension(before);
        close(close);
        return item;
      }
      List<PythonValue> spreading = spread ? Computed.items(item) : null;
      if (spreading != null) {
        several = true;
        items.addAll(spreading.subList(0, Math.min(spreading.size(), MAX_ITEMS - items.size())));
      } else if (items.size() < MAX_ITEMS) {
        items.add(item);
      }
      if (tokens.isOperator(program.at, ',')) {
        several = true;
        program.at++;
      } else if (program.at == before) {
        program.at++;
      } else if (tokens.isOperator(program.at, ')')
          || tokens.isOperator(program.at, ']')
          || tokens.isOperator(program.at, '}')) {
        break;
      }
    }
    close(close);
    if (several) {
      return Values.sequence(items);
    }
    return items.size() == 1 ? items.get(0) : PythonValue.UNKNOWN;
  }

  PythonValue braces() {
    List<PythonValue> items = new ArrayList<>();
    boolean mapping = false;
    while (program.at < program.end && !tokens.isOperator(program.at, '}')) {
      int before = program.at;
      PythonValue key = expressions.expression();
      if (tokens.isOperator(program.at, ':')) {
        mapping = true;
        program.at++;
        PythonValue value = expressions.expression();
        if (items.size() < 2 * MAX_ITEMS) {
          items.add(key);
          items.add(value);
        }
      } else if (items.size() < MAX_ITEMS && !mapping) {
        items.add(key);
      }
      if (isFor()) {
        comprehension(before);
        items.clear();
      }
      if (tokens.isOperator(program.at, ',')) {
        program.at++;
      } else if (program.at == before) {
        program.at++;
      } else if (tokens.isOperator(program.at, ')') || tokens.isOperator(program.at, ']')) {
        break;
      }
    }
    close('}');
    return mapping || items.isEmpty() ? Values.mapping(items) : Values.sequence(items);
  }

  PythonValue subscript(PythonValue value) {
    List<PythonValue> parts = List.of();
    @Nullable PythonValue current = null;
    while (program.at < program.end && !tokens.isOperator(program.at, ']')) {
      int before = program.at;
      if (tokens.isOperator(program.at, ':')) {
        parts = parts.isEmpty() ? new ArrayList<>(3) : parts;
        parts.add(current == null ? Values.of(Kind.NONE, "None") : current);
        current = null;
        program.at++;
        continue;
      }
      PythonValue part = expressions.expression();
      current = part;
      if (tokens.isOperator(program.at, ',')) {
        program.at++;
      }
      if (program.at == before) {
        program.at++;
      }
      if (tokens.isOperator(program.at, ')') || tokens.isOperator(program.at, '}')) {
        break;
      }
    }
    close(']');
    if (!parts.isEmpty()) {
      parts.add(current == null ? Values.of(Kind.NONE, "None") : current);
      return Computed.slice(draft, value, parts);
    }
    return current == null ? PythonValue.UNKNOWN : calls.item(value, current);
  }

  /** {@code x for y in z}: reads x again for each item of z that is known. */
  PythonValue comprehension(int element) {
    Scope before = program.scope;
    program.scope = new Scope(before, before.function, before.indent);
    List<PythonValue> results = new ArrayList<>();
    boolean known = false;
    while (isFor()) {
      program.at++;
      int from = program.at;
      while (program.at < program.end
          && tokens.kind(program.at) != Tokens.LINE
          && !tokens.is(program.at, Keyword.IN)) {
        program.at++;
      }
      int stop = program.at;
      program.at++;
      PythonValue items = expressions.sum();
      program.assignments().bindEach(from, stop, items);
      while (program.at < program.end && tokens.is(program.at, Keyword.IF)) {
        program.at++;
        expressions.sum();
        skipCondition();
      }
      if (!isFor()) {
        known = evaluateEach(element, from, stop, items, results);
      }
    }
    program.scope = before;
    return known ? Values.sequence(results) : PythonValue.UNKNOWN;
  }

  private void skipCondition() {
    while (program.at < program.end
        && !isFor()
        && !tokens.isOperator(program.at, ')')
        && !tokens.isOperator(program.at, ']')
        && !tokens.isOperator(program.at, '}')
        && !tokens.isOperator(program.at, ',')
        && tokens.kind(program.at) != Tokens.LINE) {
      int at = program.at;
      expressions.expression();
      if (program.at == at) {
        program.at++;
      }
    }
  }

  private boolean evaluateEach(
      int element, int from, int stop, PythonValue items, List<PythonValue> results) {
    List<PythonValue> each = Computed.items(items);
    if (each == null || each.size() > MAX_ITEMS || stop != from + 1) {
      return false;
    }
    int resume = program.at;
    int width = from - element;
    for (PythonValue item : each) {
      if (!draft.charge(width)) {
        return false;
      }
      program.scope.set(tokens.name(from), item);
      program.at = element;
      results.add(expressions.expression());
    }
    program.at = resume;
    return true;
  }

  boolean isFor() {
    if (program.at >= program.end) {
      return false;
    }
    int keyword = tokens.keyword(program.at);
    return keyword == Keyword.FOR || keyword == Keyword.ASYNC;
  }

  void close(char close) {
    if (tokens.isOperator(program.at, close)) {
      program.at++;
    }
  }
}
