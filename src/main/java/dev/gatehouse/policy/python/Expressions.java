package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions, tells of the calls in them, and computes what they stand for. Any token that
 * fits nowhere ends an expression.
 */
final class Expressions {
  private static final int MAX_ITEMS = 256;

  /** A longer chain of attributes is cut: only its last part is told. */
  private static final int MAX_NAME = 200;

  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;
  private final Calls calls;

  Expressions(Program program) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
    this.calls = new Calls(program);
  }

  Calls calls() {
    return calls;
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
            value = Values.choice(List.of(value, expression()));
          }
          return value;
        }
        case Keyword.OR -> {
          program.at++;
          value = Values.choice(List.of(value, sum()));
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
            program.assign(at - 1, at, assigned);
            return assigned;
          }
          if (!isComparison(at)) {
            return value;
          }
          program.at++;
          sum();
          value = PythonValue.UNKNOWN;
        }
      }
    }
    return value;
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

  private PythonValue sum() {
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
    int at = program.at;
    boolean minus = false;
    while (at < program.end && isPrefix(at)) {
      minus ^= tokens.isOperator(at, '-');
      at++;
    }
    program.at = at;
    PythonValue value = primary();
    if (minus) {
      long number = Values.number(value);
      return number == Long.MIN_VALUE ? PythonValue.UNKNOWN : Values.number(-number);
    }
    return value;
  }

  private boolean isPrefix(int at) {
    int kind = tokens.kind(at);
    if (kind == Tokens.NAME) {
      int keyword = tokens.keyword(at);
      return keyword == Keyword.NOT || keyword == Keyword.AWAIT || keyword == Keyword.YIELD;
    }
    return kind >= Tokens.OPERATOR
        && (tokens.isOperator(at, '-')
            || tokens.isOperator(at, '+')
            || tokens.isOperator(at, '~')
            || tokens.isOperator(at, '*')
            || tokens.isDouble(at, '*'));
  }

  /** An atom and what follows it: attributes, calls, subscripts. */
  PythonValue primary() {
    if (program.at >= program.end) {
      return PythonValue.UNKNOWN;
    }
    if (!draft.enter()) {
      program.at++;
      return PythonValue.UNKNOWN;
    }
    int start = tokens.start(program.at);
    int from = program.at;
    PythonValue receiver = PythonValue.UNKNOWN;
    PythonValue value = atom();
    boolean attribute = false;
    while (program.at < program.end) {
      int at = program.at;
      int kind = tokens.kind(at);
      if (kind == Tokens.OPERATOR + '.' && tokens.kind(at + 1) == Tokens.NAME) {
        String name = Names.plain(draft, tokens.name(at + 1));
        program.at += 2;
        receiver = value;
        PythonValue known =
            draft.assignsAttributes ? program.scope.get(dotted(from, program.at)) : null;
        value = known != null ? known : attribute(value, name);
        attribute = true;
        if (!tokens.isOperator(program.at, '(') && value.kind() == Kind.NAME) {
          draft.attribute(value.text());
        }
      } else if (kind == Tokens.OPERATOR + '(') {
        program.at++;
        value = call(value, attribute ? receiver : PythonValue.UNKNOWN, start);
        receiver = PythonValue.UNKNOWN;
        attribute = false;
      } else if (kind == Tokens.OPERATOR + '[') {
        program.at++;
        value = subscript(value);
        attribute = false;
      } else {
        break;
      }
    }
    draft.leave();
    return value;
  }

  /** {@code self.x} and {@code a.b} as they are written, if the tokens are no more than that. */
  private String dotted(int from, int to) {
    if (to - from > 5 || tokens.kind(from) != Tokens.NAME) {
      return "";
    }
    for (int i = from + 1; i < to; i += 2) {
      if (!tokens.isOperator(i, '.')) {
        return "";
      }
    }
    return tokens.text.substring(tokens.start(from), tokens.end(to - 1));
  }

  private PythonValue attribute(PythonValue value, String name) {
    if (name.startsWith("__")) {
      switch (name) {
        case "__class__",
            "__bases__",
            "__base__",
            "__mro__",
            "__subclasses__",
            "__globals__",
            "__builtins__",
            "__code__",
            "__closure__" ->
            draft.facts.add(PythonFact.CLIMBS_OBJECTS);
        case "__dict__" -> {
          return Values.object("__dict__", value.text(), -1);
        }
        case "__doc__" -> draft.readsDocumentation = true;
        case "__call__" -> {
          return value;
        }
        default -> {}
      }
    }
    return switch (value.kind()) {
      case NAME -> KnownNames.attribute(value.text().length() > MAX_NAME ? "" : value.text(), name);
      case OBJECT -> objectAttribute(value, name);
      case STRING, BYTES -> KnownNames.attribute("str", name);
      case SEQUENCE -> KnownNames.attribute("list", name);
      case MAPPING -> KnownNames.attribute("dict", name);
      case NUMBER, BOOLEAN, NONE -> KnownNames.attribute("", name);
      case UNKNOWN ->
          Values.isChoice(value) ? attributeOfChoice(value, name) : KnownNames.attribute("", name);
    };
  }

  private PythonValue attributeOfChoice(PythonValue value, String name) {
    for (PythonValue one : value.items()) {
      if (one.kind() == Kind.NAME || one.kind() == Kind.OBJECT || one.isText()) {
        return attribute(one, name);
      }
    }
    return KnownNames.attribute("", name);
  }

  private PythonValue objectAttribute(PythonValue value, String name) {
    if (value.type().startsWith("pathlib.") && name.equals("parent")) {
      String text = value.text();
      int slash = text.lastIndexOf('/');
      return Values.object(value.type(), slash > 0 ? text.substring(0, slash) : "/", value.call());
    }
    if (value.type().equals("globals") || value.type().equals("__dict__")) {
      return KnownNames.attribute("dict", name);
    }
    return KnownNames.attribute(value.type().length() > MAX_NAME ? "" : value.type(), name);
  }

  private PythonValue atom() {
    int at = program.at;
    int kind = tokens.kind(at);
    return switch (kind) {
      case Tokens.NAME -> name(at);
      case Tokens.NUMBER -> {
        program.at++;
        yield Values.of(Kind.NUMBER, tokens.textOf(at));
      }
      case Tokens.STRING -> strings();
      case Tokens.OPERATOR + '(' -> {
        program.at++;
        yield bracketed(')', Kind.UNKNOWN);
      }
      case Tokens.OPERATOR + '[' -> {
        program.at++;
        yield bracketed(']', Kind.SEQUENCE);
      }
      case Tokens.OPERATOR + '{' -> {
        program.at++;
        yield braces();
      }
      case Tokens.OPERATOR + '.' -> {
        program.at++;
        yield PythonValue.UNKNOWN;
      }
      case Tokens.OPERATOR + '`' -> {
        program.at++;
        yield PythonValue.UNKNOWN;
      }
      default -> PythonValue.UNKNOWN;
    };
  }

  private PythonValue name(int at) {
    switch (tokens.keyword(at)) {
      case Keyword.LAMBDA -> {
        return lambda();
      }
      case Keyword.IF,
          Keyword.ELSE,
          Keyword.FOR,
          Keyword.IN,
          Keyword.AS,
          Keyword.OR,
          Keyword.AND,
          Keyword.IS,
          Keyword.FROM -> {
        return PythonValue.UNKNOWN;
      }
      default -> {}
    }
    program.at++;
    PythonValue written = tokens.nameValue(at);
    String name = Names.plain(draft, written.text());
    PythonValue value = program.scope.get(name);
    if (value != null) {
      return value;
    }
    return switch (name) {
      case "True", "False" -> Values.of(Kind.BOOLEAN, name);
      case "None" -> Values.of(Kind.NONE, name);
      case "__doc__" -> {
        draft.readsDocumentation = true;
        yield PythonValue.UNKNOWN;
      }
      default -> name.equals(written.text()) ? written : Values.name(name);
    };
  }

  private PythonValue lambda() {
    program.at++;
    Scope inner = new Scope(program.scope, program.scope.function, -1);
    while (program.at < program.end
        && !tokens.isOperator(program.at, ':')
        && tokens.kind(program.at) != Tokens.LINE) {
      if (tokens.kind(program.at) == Tokens.NAME) {
        inner.set(tokens.name(program.at), PythonValue.UNKNOWN);
      }
      program.at++;
      if (tokens.isOperator(program.at, '=')) {
        program.at++;
        expression();
      }
    }
    if (tokens.isOperator(program.at, ':')) {
      program.at++;
    }
    Scope before = program.scope;
    program.scope = inner;
    expression();
    program.scope = before;
    return PythonValue.UNKNOWN;
  }

  /** Strings one after the other are one. */
  private PythonValue strings() {
    PythonValue value = string(program.at++);
    while (program.at < program.end && tokens.kind(program.at) == Tokens.STRING) {
      value = Computed.binary(draft, '+', value, string(program.at++));
    }
    return value;
  }

  private PythonValue string(int at) {
    int start = tokens.start(at);
    int end = tokens.end(at);
    boolean formatted =
        Literals.hasPrefix(tokens.text, start, end, 'f')
            || Literals.hasPrefix(tokens.text, start, end, 't');
    return formatted ? formatted(start, end) : Literals.decode(tokens.text, start, end);
  }

  private PythonValue formatted(int start, int end) {
    String text = tokens.text;
    int at = Literals.contentStart(text, start, end);
    int to = Math.max(at, Literals.contentEnd(text, start, end));
    boolean raw = Literals.hasPrefix(text, start, end, 'r');
    StringBuilder out = new StringBuilder();
    int literal = at;
    while (at < to) {
      char c = text.charAt(at);
      if ((c == '{' || c == '}') && at + 1 < to && text.charAt(at + 1) == c) {
        literal(out, text, literal, at + 1, raw);
        at += 2;
        literal = at;
      } else if (c == '{') {
        literal(out, text, literal, at, raw);
        int close = closing(text, at + 1, to);
        out.append(replacement(text, at + 1, close));
        at = Math.min(close + 1, to);
        literal = at;
      } else {
        at += c == '\\' && !raw ? 2 : 1;
      }
    }
    literal(out, text, Math.min(literal, to), to, raw);
    return PythonValue.string(out.toString());
  }

  private static void literal(StringBuilder out, String text, int from, int to, boolean raw) {
    if (to > from) {
      out.append(raw ? text.substring(from, to) : Literals.unescape(text, from, to));
    }
  }

  private static int closing(String text, int from, int to) {
    int depth = 0;
    for (int at = from; at < to; at++) {
      char c = text.charAt(at);
      if (c == '{' || c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
      } else if (c == '}' && depth-- <= 0) {
        return at;
      }
    }
    return to;
  }

  /** What the expression between braces of an f-string prints. */
  private String replacement(String text, int from, int to) {
    int stop = to;
    int depth = 0;
    for (int at = from; at < to; at++) {
      char c = text.charAt(at);
      if (c == '(' || c == '[' || c == '{') {
        depth++;
      } else if (c == ')' || c == ']' || c == '}') {
        depth--;
      } else if (depth == 0
          && (c == ':' || (c == '!' && at + 1 < to && text.charAt(at + 1) != '='))) {
        stop = at;
        break;
      }
    }
    if (stop > from && text.charAt(stop - 1) == '=') {
      stop--;
    }
    if (stop <= from || program.layer >= 4 * PythonDraft.MAX_LAYERS || !draft.enter()) {
      return Values.HOLE;
    }
    String source = text.substring(from, stop);
    PythonValue value = PythonValue.UNKNOWN;
    if (draft.charge(source.length())) {
      Program inner =
          new Program(
              draft,
              source,
              program.exact() ? program.spanStart(from) : -1,
              program.spanStart(from),
              program.spanEnd(stop),
              program.layer,
              program.scope,
              program.functions);
      value = inner.statements();
    }
    draft.leave();
    return Values.textFor(Values.isChoice(value) ? value.items().get(0) : value);
  }

  /** The rest of a parenthesis or list: one value, several, or a comprehension. */
  private PythonValue bracketed(char close, Kind kind) {
    List<PythonValue> items = new ArrayList<>();
    boolean several = kind == Kind.SEQUENCE;
    while (program.at < program.end && !tokens.isOperator(program.at, close)) {
      int before = program.at;
      PythonValue item = expression();
      if (isFor()) {
        item = comprehension(before);
        close(close);
        return item;
      }
      if (items.size() < MAX_ITEMS) {
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

  private void close(char close) {
    if (tokens.isOperator(program.at, close)) {
      program.at++;
    }
  }

  private boolean isFor() {
    return program.at < program.end
        && tokens.kind(program.at) == Tokens.NAME
        && (tokens.is(program.at, Keyword.FOR) || tokens.is(program.at, Keyword.ASYNC));
  }

  /** {@code x for y in z}: reads x again for each item of z that is known. */
  private PythonValue comprehension(int element) {
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
      PythonValue items = sum();
      program.bindEach(from, stop, items);
      while (program.at < program.end && tokens.is(program.at, Keyword.IF)) {
        program.at++;
        sum();
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
      expression();
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
      results.add(expression());
    }
    program.at = resume;
    return true;
  }

  private PythonValue braces() {
    List<PythonValue> items = new ArrayList<>();
    boolean mapping = false;
    while (program.at < program.end && !tokens.isOperator(program.at, '}')) {
      int before = program.at;
      PythonValue key = expression();
      if (tokens.isOperator(program.at, ':')) {
        mapping = true;
        program.at++;
        PythonValue value = expression();
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
    return mapping ? Values.mapping(items) : Values.sequence(items);
  }

  private PythonValue call(PythonValue callee, PythonValue receiver, int start) {
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
      PythonValue value = expression();
      if (isFor()) {
        value = comprehension(valueAt);
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
    close(')');
    String name = calls.nameOf(callee);
    if (Calls.prints(name)) {
      paintStrings(from, program.at);
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

  /** The string literals between two tokens are data, unless something is called in between. */
  void paintStrings(int from, int to) {
    if (!program.exact()) {
      return;
    }
    for (int i = from; i < to; i++) {
      if (tokens.isOperator(i, '(') && i > from && tokens.kind(i - 1) == Tokens.NAME) {
        return;
      }
    }
    for (int i = from; i < to; i++) {
      if (tokens.kind(i) == Tokens.STRING) {
        int start = tokens.start(i);
        int end = tokens.end(i);
        if (!Literals.hasPrefix(tokens.text, start, end, 'f')) {
          draft.paint(program.spanStart(start), program.spanEnd(end), Use.DATA);
        }
      }
    }
  }

  private PythonValue subscript(PythonValue value) {
    List<PythonValue> parts = new ArrayList<>(3);
    boolean slice = false;
    @Nullable PythonValue current = null;
    while (program.at < program.end && !tokens.isOperator(program.at, ']')) {
      int before = program.at;
      if (tokens.isOperator(program.at, ':')) {
        slice = true;
        parts.add(current == null ? Values.of(Kind.NONE, "None") : current);
        current = null;
        program.at++;
        continue;
      }
      PythonValue part = expression();
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
    if (slice) {
      parts.add(current == null ? Values.of(Kind.NONE, "None") : current);
      return Computed.slice(draft, value, parts);
    }
    return current == null ? PythonValue.UNKNOWN : calls.item(value, current);
  }
}
