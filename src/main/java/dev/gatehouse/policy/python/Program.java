package dev.gatehouse.policy.python;

import dev.gatehouse.policy.text.Use;
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
  final PythonDraft draft;
  final Tokens tokens;
  final int layer;
  private final int base;
  private final int spanStart;
  private final int spanEnd;
  private final Expressions expressions;
  private final Assignments assignments;
  private final Definitions definitions;
  private final Imports imports;
  final Map<String, Function> functions;
  Scope scope;
  int at;
  int end;

  /**
   * Column of the line that is being read, and of the block of the scope: more means in a branch or
   * a loop.
   */
  int lineIndent;

  private int loopIndent = -1;
  private @Nullable Scope scopeBody;
  private int scopeBodyIndent;

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
    this.tokens = new Tokens(text);
    draft.plainNames &= tokens.plainNames;
    this.base = base;
    this.spanStart = spanStart;
    this.spanEnd = spanEnd;
    this.layer = layer;
    this.scope = scope;
    this.functions = functions;
    this.end = tokens.count() - 1;
    this.expressions = new Expressions(this);
    this.assignments = new Assignments(this, expressions);
    this.definitions = new Definitions(this, expressions);
    this.imports = new Imports(this);
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
    program.tokens.close();
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

  /** Reads the tokens of a block once more in a scope of its own. */
  void again(int from, int to, Scope inner) {
    final Scope scopeBefore = scope;
    final int atBefore = at;
    final int endBefore = end;
    final int lineBefore = lineIndent;
    final int loopBefore = loopIndent;
    scope = inner;
    at = from;
    end = to;
    loopIndent = -1;
    statements();
    scope = scopeBefore;
    at = atBefore;
    end = endBefore;
    lineIndent = lineBefore;
    loopIndent = loopBefore;
  }

  Assignments assignments() {
    return assignments;
  }

  Definitions definitions() {
    return definitions;
  }

  boolean inLoop() {
    return loopIndent >= 0;
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
      return assignments.statement();
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
    return assignments.statement();
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
  boolean uncertain() {
    return lineIndent > 0 && (scope.indent < 0 || lineIndent > bodyIndent());
  }

  private int bodyIndent() {
    return scopeBody == scope ? scopeBodyIndent : noteBody();
  }

  private int noteBody() {
    scopeBody = scope;
    scopeBodyIndent = lineIndent;
    return lineIndent;
  }

  /** Reads what a word starts; false if it starts nothing. */
  private boolean keyword() {
    switch (tokens.keyword(at)) {
      case Keyword.IMPORT -> imports.modules();
      case Keyword.FROM -> imports.names();
      case Keyword.FOR -> loop();
      case Keyword.DEF -> definitions.function();
      case Keyword.CLASS -> definitions.type();
      case Keyword.RETURN -> definitions.returned();
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

  /** {@code print x}, as Python 2 has it. */
  private boolean printStatement() {
    if (tokens.isOperator(at + 1, '(')) {
      return false;
    }
    at++;
    if (tokens.kind(at) != Tokens.LINE && !tokens.isOperator(at, '=')) {
      int from = at;
      expressions.list();
      expressions.strings().paint(from, at);
    }
    return true;
  }

  private void raise() {
    at++;
    int from = at;
    if (tokens.kind(at) != Tokens.LINE) {
      expressions.list();
      expressions.strings().paint(from, at);
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
    assignments.bindEach(from, stop, items);
  }

  private void with() {
    at++;
    while (at < end && tokens.kind(at) != Tokens.LINE) {
      int before = at;
      PythonValue value = expressions.expression();
      if (at < end && tokens.kind(at) == Tokens.NAME && tokens.is(at, Keyword.AS)) {
        at++;
        int from = at;
        expressions.primaries().primary();
        assignments.assign(from, at, value);
      }
      if (tokens.isOperator(at, ',')) {
        at++;
      } else if (tokens.isOperator(at, ':') || at == before) {
        break;
      }
    }
  }
}
