package dev.gatehouse.policy.python;

import dev.gatehouse.policy.text.Lookalikes;
import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the statements of one text: what they import, define, assign and call.
 *
 * <p>Every statement is read once in the order of the text; a function body once more for calls of
 * it that say more. Branches are read one after the other, and what a name may hold afterwards is a
 * choice.
 */
final class Program {
  /** A function as it stands in the text. */
  record Function(
      String name,
      List<String> parameters,
      List<PythonValue> defaults,
      int bodyStart,
      int bodyEnd,
      int indent,
      Scope definition,
      Program program) {}

  final PythonDraft draft;
  final Tokens tokens;
  final int layer;
  private final int base;
  private final int spanStart;
  private final int spanEnd;
  private final Expressions expressions;
  final Map<String, Function> functions;
  Scope scope;
  int at;
  int end;

  /**
   * Column of the line that is being read, and of the block of the scope: more means in a branch or
   * a loop.
   */
  private int lineIndent;

  private int loopIndent = -1;

  Program(
      PythonDraft draft,
      String text,
      int base,
      int spanStart,
      int spanEnd,
      int layer,
      Scope scope,
      Map<String, Function> functions) {
    this.draft = draft;
    if (layer > 0) {
      draft.plainText &= !Lookalikes.suspicious(text);
    }
    this.tokens = new Tokens(text);
    this.base = base;
    this.spanStart = spanStart;
    this.spanEnd = spanEnd;
    this.layer = layer;
    this.scope = scope;
    this.functions = functions;
    this.end = tokens.count() - 1;
    this.expressions = new Expressions(this);
    draft.steps += text.length() + tokens.count();
    if (tokens.incomplete) {
      draft.facts.add(PythonFact.INCOMPLETE);
    }
    if (tokens.limited) {
      draft.facts.add(PythonFact.LIMIT_REACHED);
      draft.paint(spanStart(tokens.start(end)), Math.max(spanEnd(text.length()), 0), Use.UNKNOWN);
    }
    if (base >= 0) {
      for (int i = 0; i < tokens.comments(); i++) {
        draft.paint(spanStart(tokens.commentStart(i)), spanEnd(tokens.commentEnd(i)), Use.DATA);
      }
    }
  }

  static PythonReading read(String text) {
    PythonDraft draft = new PythonDraft(text);
    Program program =
        new Program(draft, text, 0, 0, text.length(), 0, new Scope(null, "", -1), new HashMap<>());
    program.statements();
    return draft.finish();
  }

  int spanStart(int place) {
    return base >= 0 ? base + place : spanStart;
  }

  int spanEnd(int place) {
    return base >= 0 ? base + place : spanEnd;
  }

  boolean exact() {
    return base >= 0;
  }

  /** Reads all statements from here to the end; the value of the last one, for {@code eval}. */
  PythonValue statements() {
    PythonValue last = PythonValue.UNKNOWN;
    while (at < end) {
      int before = at;
      last = statement(last);
      if (at == before) {
        at++;
      }
    }
    return last;
  }

  private PythonValue statement(PythonValue last) {
    int kind = tokens.kind(at);
    if (kind == Tokens.LINE) {
      at++;
      return last;
    }
    if (draft.full()) {
      draft.paint(spanStart(tokens.start(at)), spanEnd(tokens.end(end)), Use.UNKNOWN);
      at = end;
      return PythonValue.UNKNOWN;
    }
    if (at == 0 || tokens.kind(at - 1) == Tokens.LINE) {
      lineStart();
    }
    if (kind == Tokens.NAME && keyword()) {
      return PythonValue.UNKNOWN;
    }
    if (kind < Tokens.OPERATOR) {
      return simple();
    }
    if (tokens.startsOperator(at, '@')) {
      at++;
    } else if (tokens.startsOperator(at, '!') || tokens.startsOperator(at, '%')) {
      shellLine();
      return PythonValue.UNKNOWN;
    } else if (tokens.isOperator(at, ';') || tokens.startsOperator(at, ':')) {
      at++;
      return last;
    }
    return simple();
  }

  private void lineStart() {
    lineIndent = tokens.indent(at);
    Scope outer = scope.outer();
    while (outer != null && scope.indent >= 0 && lineIndent <= scope.indent) {
      scope = outer;
      outer = scope.outer();
    }
    if (lineIndent <= loopIndent) {
      loopIndent = -1;
    }
  }

  /** Whether what is assigned here may not be, because it stands in a branch or a loop. */
  private boolean uncertain() {
    return lineIndent > 0 && (scope.indent < 0 || lineIndent > bodyIndent());
  }

  private int bodyIndent() {
    return scopeBody == scope ? scopeBodyIndent : noteBody();
  }

  private @Nullable Scope scopeBody;
  private int scopeBodyIndent;

  private int noteBody() {
    scopeBody = scope;
    scopeBodyIndent = lineIndent;
    return lineIndent;
  }

  /** Reads what a word starts; false if it starts nothing. */
  private boolean keyword() {
    switch (tokens.keyword(at)) {
      case Keyword.IMPORT -> importModules();
      case Keyword.FROM -> importFrom();
      case Keyword.FOR -> loop();
      case Keyword.DEF -> define();
      case Keyword.CLASS -> classDefinition();
      case Keyword.RETURN -> returned();
      case Keyword.RAISE -> raise();
      case Keyword.WITH -> with();
      case Keyword.WHILE -> {
        enterLoop();
        at++;
      }
      case Keyword.PRINT -> {
        return printStatement();
      }
      case Keyword.EXEC -> {
        return execStatement();
      }
      case Keyword.GLOBAL, Keyword.NONLOCAL -> skipLine();
      case Keyword.ASSERT,
          Keyword.ASYNC,
          Keyword.AWAIT,
          Keyword.BREAK,
          Keyword.CONTINUE,
          Keyword.DEL,
          Keyword.ELIF,
          Keyword.ELSE,
          Keyword.EXCEPT,
          Keyword.FINALLY,
          Keyword.IF,
          Keyword.PASS,
          Keyword.TRY,
          Keyword.YIELD ->
          at++;
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean skip(int keyword) {
    if (!tokens.is(at, keyword)) {
      return false;
    }
    at++;
    return true;
  }

  private void skipLine() {
    while (at < end && tokens.kind(at) != Tokens.LINE) {
      at++;
    }
  }

  // Simple statements.

  private PythonValue simple() {
    int from = at;
    PythonValue value = expressions.list();
    int stop = at;
    List<int[]> targets = null;
    boolean annotated = false;
    while (at < end) {
      if (tokens.isOperator(at, '=')) {
        targets = targets == null ? new ArrayList<>(1) : targets;
        targets.add(new int[] {from, stop});
        at++;
        from = at;
        value = expressions.list();
        stop = at;
        continue;
      }
      if (tokens.isOperator(at, ':') && !annotated && isTarget(from, stop) && annotation()) {
        annotated = true;
        continue;
      }
      break;
    }
    if (targets != null) {
      for (int[] target : targets) {
        assign(target[0], target[1], value);
      }
    } else if (at < end && isAugmented()) {
      augmented(from, stop);
    } else if (stop == from + 1 && tokens.kind(from) == Tokens.STRING && exact()) {
      draft.paintDocumentation(spanStart(tokens.start(from)), spanEnd(tokens.end(from)));
    }
    return value;
  }

  /** Steps over {@code : type}, if a type and not a block follows. */
  private boolean annotation() {
    int look = at + 1;
    int depth = 0;
    while (look < end && look < at + 64 && tokens.kind(look) != Tokens.LINE) {
      if (depth == 0 && tokens.isOperator(look, '=')) {
        at = look;
        return true;
      }
      if (tokens.isOperator(look, '[') || tokens.isOperator(look, '(')) {
        depth++;
      } else if (tokens.isOperator(look, ']') || tokens.isOperator(look, ')')) {
        depth--;
      }
      look++;
    }
    return false;
  }

  private boolean isTarget(int from, int stop) {
    return stop > from
        && tokens.kind(from) == Tokens.NAME
        && (at == 0 || from == 0 || tokens.kind(from - 1) == Tokens.LINE);
  }

  private boolean isAugmented() {
    int start = tokens.start(at);
    int length = tokens.end(at) - start;
    return tokens.kind(at) >= Tokens.OPERATOR
        && length >= 2
        && tokens.text.charAt(start + length - 1) == '='
        && "+-*/%&|^@<>".indexOf(tokens.text.charAt(start)) >= 0
        && (length == 3 || "<>".indexOf(tokens.text.charAt(start)) < 0);
  }

  private void augmented(int from, int stop) {
    char operator = tokens.text.charAt(tokens.start(at));
    at++;
    PythonValue value = expressions.list();
    if (stop != from + 1 || tokens.kind(from) != Tokens.NAME) {
      return;
    }
    String name = tokens.name(from);
    PythonValue old = scope.get(name);
    PythonValue result =
        old == null ? PythonValue.UNKNOWN : Computed.binary(draft, operator, old, value);
    if (loopIndent >= 0 && result.isText()) {
      result = Computed.binary(draft, '+', result, Values.of(result.kind(), Values.HOLE));
    }
    scope.set(name, result);
  }

  void assign(int from, int stop, PythonValue value) {
    if (stop == from + 1 && tokens.kind(from) == Tokens.NAME) {
      assign(tokens.name(from), value);
      return;
    }
    if (stop > from && isDotted(from, stop)) {
      draft.assignsAttributes = true;
      assign(tokens.text.substring(tokens.start(from), tokens.end(stop - 1)), value);
      return;
    }
    int index = 0;
    int depth = 0;
    boolean bracketed = tokens.isOperator(from, '(') || tokens.isOperator(from, '[');
    boolean several = false;
    for (int i = from; i < stop; i++) {
      if (tokens.isOperator(i, ',')) {
        several = true;
        break;
      }
    }
    if (!several && !bracketed) {
      return;
    }
    for (int i = from; i < stop; i++) {
      if (tokens.isOperator(i, '(') || tokens.isOperator(i, '[')) {
        depth++;
      } else if (tokens.isOperator(i, ')') || tokens.isOperator(i, ']')) {
        depth--;
      } else if (tokens.isOperator(i, ',') && depth <= 1) {
        index++;
      } else if (tokens.kind(i) == Tokens.NAME
          && (i + 1 == stop
              || tokens.isOperator(i + 1, ',')
              || tokens.isOperator(i + 1, ')')
              || tokens.isOperator(i + 1, ']'))) {
        assign(tokens.name(i), item(value, index));
      }
    }
  }

  private boolean isDotted(int from, int stop) {
    if ((stop - from) % 2 == 0 || stop - from > 9) {
      return false;
    }
    for (int i = from; i < stop; i++) {
      boolean name = (i - from) % 2 == 0;
      if (name ? tokens.kind(i) != Tokens.NAME : !tokens.isOperator(i, '.')) {
        return false;
      }
    }
    return true;
  }

  static PythonValue item(PythonValue value, int index) {
    return value.kind() == PythonValue.Kind.SEQUENCE && index < value.items().size()
        ? value.items().get(index)
        : PythonValue.UNKNOWN;
  }

  void assign(String name, PythonValue value) {
    PythonValue old = scope.own(name);
    if (old != null && uncertain() && !old.equals(value)) {
      scope.set(name, Values.choice(List.of(old, value)));
    } else {
      scope.set(name, value);
    }
  }

  private void returned() {
    at++;
    if (tokens.kind(at) != Tokens.LINE) {
      PythonValue value = expressions.list();
      scope.returned =
          scope.returned == null ? value : Values.choice(List.of(scope.returned, value));
    }
  }

  /** {@code print x}, as Python 2 has it. */
  private boolean printStatement() {
    if (tokens.isOperator(at + 1, '(')) {
      return false;
    }
    at++;
    if (tokens.kind(at) != Tokens.LINE && !tokens.isOperator(at, '=')) {
      int from = at;
      expressions.list();
      expressions.paintStrings(from, at);
    }
    return true;
  }

  private void raise() {
    at++;
    int from = at;
    if (tokens.kind(at) != Tokens.LINE) {
      expressions.list();
      expressions.paintStrings(from, at);
    }
    if (skip(Keyword.FROM)) {
      expressions.list();
    }
  }

  /** {@code exec x}, as Python 2 has it. */
  private boolean execStatement() {
    if (at + 1 >= end || tokens.isOperator(at + 1, '(') || tokens.kind(at + 1) >= Tokens.LINE) {
      return false;
    }
    int start = tokens.start(at);
    at++;
    int from = at;
    PythonValue value = expressions.expression();
    PythonArgument argument =
        new PythonArgument(
            "",
            value,
            spanStart(tokens.start(from)),
            Math.max(spanStart(tokens.start(from)), spanEnd(tokens.end(at - 1))));
    expressions.calls().call("exec", PythonValue.UNKNOWN, List.of(argument), start, at);
    return true;
  }

  /** {@code !command} of IPython. */
  private void shellLine() {
    boolean shell = tokens.startsOperator(at, '!');
    int start = tokens.start(at);
    skipLine();
    int stop = tokens.start(at);
    int blank = Math.min(stop, start + 4);
    boolean magic = tokens.text.startsWith("%%sh", start) || tokens.text.startsWith("%sx", start);
    if ((shell || magic) && stop > start + 1) {
      String line = tokens.text.substring(shell ? start + 1 : blank, stop);
      expressions.calls().shellLine(line, spanStart(start), spanEnd(stop));
    }
  }

  // Compound statements.

  private void enterLoop() {
    if (loopIndent < 0 || lineIndent < loopIndent) {
      loopIndent = lineIndent;
    }
  }

  private void loop() {
    at++;
    int from = at;
    int depth = 0;
    while (at < end
        && tokens.kind(at) != Tokens.LINE
        && (depth > 0 || !tokens.is(at, Keyword.IN))) {
      if (tokens.isOperator(at, '(')) {
        depth++;
      } else if (tokens.isOperator(at, ')')) {
        depth--;
      }
      at++;
    }
    int stop = at;
    if (tokens.kind(at) == Tokens.LINE) {
      return;
    }
    at++;
    PythonValue items = expressions.list();
    enterLoop();
    bindEach(from, stop, items);
  }

  void bindEach(int from, int stop, PythonValue items) {
    if (stop == from + 1 && tokens.kind(from) == Tokens.NAME) {
      scope.set(
          tokens.name(from),
          items.kind() == PythonValue.Kind.SEQUENCE
              ? Values.choice(items.items())
              : PythonValue.UNKNOWN);
      return;
    }
    for (int i = from; i < stop; i++) {
      if (tokens.kind(i) == Tokens.NAME) {
        scope.set(tokens.name(i), PythonValue.UNKNOWN);
      }
    }
  }

  private void with() {
    at++;
    while (at < end && tokens.kind(at) != Tokens.LINE) {
      int before = at;
      PythonValue value = expressions.expression();
      if (at < end && tokens.kind(at) == Tokens.NAME && tokens.is(at, Keyword.AS)) {
        at++;
        int from = at;
        expressions.primary();
        assign(from, at, value);
      }
      if (tokens.isOperator(at, ',')) {
        at++;
      } else if (tokens.isOperator(at, ':') || at == before) {
        break;
      }
    }
  }

  private void classDefinition() {
    at++;
    if (tokens.kind(at) == Tokens.NAME) {
      String name = tokens.name(at);
      draft.definitions.add(name);
      scope.set(name, Values.name("<local>." + name));
      at++;
    }
    if (tokens.isOperator(at, '(')) {
      expressions.primary();
    }
  }

  private void define() {
    at++;
    if (tokens.kind(at) != Tokens.NAME) {
      return;
    }
    String name = tokens.name(at);
    at++;
    draft.definitions.add(name);
    List<String> parameters = new ArrayList<>();
    List<PythonValue> defaults = new ArrayList<>();
    if (tokens.isOperator(at, '(')) {
      at++;
      parameters(parameters, defaults);
    }
    while (at < end && tokens.kind(at) != Tokens.LINE && !tokens.isOperator(at, ':')) {
      at++;
    }
    if (tokens.isOperator(at, ':')) {
      at++;
    }
    scope.set(name, Values.name("<local>." + name));
    int bodyEnd = bodyEnd(at, lineIndent);
    Scope inner = new Scope(scope, name, lineIndent);
    functions.put(
        name,
        new Function(
            name,
            List.copyOf(parameters),
            List.copyOf(defaults),
            at,
            bodyEnd,
            lineIndent,
            inner,
            this));
    for (int i = 0; i < parameters.size(); i++) {
      PythonValue value = defaults.get(i);
      inner.set(
          parameters.get(i),
          Values.isKnown(value)
              ? Values.choice(List.of(value, PythonValue.UNKNOWN))
              : PythonValue.UNKNOWN);
    }
    scope = inner;
  }

  private int bodyScanned;

  /** Index of the token behind the block that starts here. */
  private int bodyEnd(int from, int indent) {
    int i = from;
    boolean first = true;
    while (i < end) {
      if (tokens.kind(i) == Tokens.LINE) {
        i++;
        if (i < end && tokens.kind(i) != Tokens.LINE && tokens.indent(i) <= indent) {
          return i;
        }
        if (first) {
          first = false;
        }
        continue;
      }
      if (bodyScanned++ > 8 * tokens.count()) {
        draft.facts.add(PythonFact.LIMIT_REACHED);
        return i;
      }
      i++;
    }
    return end;
  }

  private void parameters(List<String> names, List<PythonValue> defaults) {
    while (at < end && !tokens.isOperator(at, ')') && tokens.kind(at) != Tokens.LINE) {
      if (tokens.kind(at) != Tokens.NAME) {
        at++;
        continue;
      }
      names.add(tokens.name(at));
      at++;
      if (tokens.isOperator(at, ':')) {
        at++;
        expressions.expression();
      }
      if (tokens.isOperator(at, '=')) {
        at++;
        defaults.add(expressions.expression());
      } else {
        defaults.add(PythonValue.UNKNOWN);
      }
      while (at < end
          && !tokens.isOperator(at, ',')
          && !tokens.isOperator(at, ')')
          && tokens.kind(at) != Tokens.LINE) {
        at++;
      }
    }
    if (tokens.isOperator(at, ')')) {
      at++;
    }
  }

  /** Reads a function's body once more, with what its parameters hold; what it returns. */
  PythonValue run(Function function, List<PythonValue> arguments, List<String> keywords) {
    Program body = function.program();
    if (!draft.charge(function.bodyEnd() - (long) function.bodyStart()) || !draft.enter()) {
      return PythonValue.UNKNOWN;
    }
    Scope inner = new Scope(body.scope.module(), function.name(), -1);
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
    Scope scopeBefore = body.scope;
    int atBefore = body.at;
    int endBefore = body.end;
    int lineBefore = body.lineIndent;
    int loopBefore = body.loopIndent;
    body.scope = inner;
    body.at = function.bodyStart();
    body.end = function.bodyEnd();
    body.loopIndent = -1;
    body.statements();
    PythonValue returned = inner.returned;
    body.scope = scopeBefore;
    body.at = atBefore;
    body.end = endBefore;
    body.lineIndent = lineBefore;
    body.loopIndent = loopBefore;
    draft.leave();
    return returned == null ? PythonValue.UNKNOWN : returned;
  }

  // Imports.

  private String dotted() {
    StringBuilder name = new StringBuilder();
    while (at < end) {
      if (tokens.isOperator(at, '.')) {
        name.append(tokens.text, tokens.start(at), tokens.end(at));
      } else if (tokens.kind(at) == Tokens.NAME
          && !tokens.is(at, Keyword.IMPORT)
          && !tokens.is(at, Keyword.AS)) {
        name.append(Names.plain(draft, tokens.name(at)));
        if (!tokens.isOperator(at + 1, '.')) {
          at++;
          break;
        }
      } else {
        break;
      }
      at++;
    }
    return name.toString();
  }

  private String alias() {
    if (at < end && tokens.kind(at) == Tokens.NAME && tokens.is(at, Keyword.AS)) {
      at++;
      if (tokens.kind(at) == Tokens.NAME) {
        return Names.plain(draft, tokens.name(at++));
      }
    }
    return "";
  }

  private void importModules() {
    int start = tokens.start(at);
    at++;
    while (at < end) {
      String module = dotted();
      String alias = alias();
      int stop = at > 0 ? tokens.end(at - 1) : start;
      if (!module.isEmpty()) {
        draft.imports.add(
            new PythonImport(module, "", alias, false, spanStart(start), spanEnd(stop)));
        if (!alias.isEmpty()) {
          scope.set(alias, Values.name(module));
        } else {
          int dot = module.indexOf('.');
          String top = dot > 0 ? module.substring(0, dot) : module;
          scope.set(top, Values.name(top));
        }
      }
      if (!tokens.isOperator(at, ',')) {
        break;
      }
      at++;
    }
  }

  private void importFrom() {
    int start = tokens.start(at);
    at++;
    String module = dotted();
    if (!(tokens.kind(at) == Tokens.NAME && tokens.is(at, Keyword.IMPORT))) {
      return;
    }
    at++;
    while (at < end && tokens.kind(at) != Tokens.LINE && !tokens.isOperator(at, ';')) {
      if (tokens.kind(at) == Tokens.NAME) {
        String name = Names.plain(draft, tokens.name(at));
        at++;
        String alias = alias();
        draft.imports.add(
            new PythonImport(
                module, name, alias, false, spanStart(start), spanEnd(tokens.end(at - 1))));
        scope.set(
            alias.isEmpty() ? name : alias, Values.name(Names.canonical(module + "." + name)));
      } else {
        if (tokens.isOperator(at, '*')) {
          draft.imports.add(
              new PythonImport(module, "*", "", false, spanStart(start), spanEnd(tokens.end(at))));
          Names.bindAll(scope, module);
        }
        at++;
      }
    }
  }
}
