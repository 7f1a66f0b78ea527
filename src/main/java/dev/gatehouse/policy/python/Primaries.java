package dev.gatehouse.policy.python;

import dev.gatehouse.policy.python.PythonValue.Kind;
import org.jspecify.annotations.Nullable;

/** Reads an atom and what follows it: attributes, calls, subscripts. */
final class Primaries {
  /** A longer chain of attributes is cut: only its last part is told. */
  private static final int MAX_NAME = 200;

  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;
  private final Expressions expressions;
  private final Displays displays;
  private final StringTokens strings;
  private final Arguments arguments;

  Primaries(Program program, Expressions expressions, StringTokens strings, Calls calls) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
    this.expressions = expressions;
    this.displays = new Displays(program, expressions, calls);
    this.strings = strings;
    this.arguments = new Arguments(program, expressions, displays, strings, calls);
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
    int from = program.at;
    PythonValue receiver = PythonValue.UNKNOWN;
    PythonValue value = atom();
    boolean attribute = false;
    while (program.at < program.end && tokens.follows(program.at)) {
      int at = program.at;
      int kind = tokens.kind(at);
      if (kind == Tokens.OPERATOR + '.' && tokens.kind(at + 1) == Tokens.NAME) {
        String name = Names.plain(draft, tokens.name(at + 1));
        program.at += 2;
        receiver = value;
        PythonValue known =
            draft.assignsAttributes ? program.scope.get(dotted(from, program.at)) : null;
        if (known == null && value.kind() == Kind.UNKNOWN && at == from + 1) {
          known = ofClass(tokens.name(from), name);
        }
        value = known != null ? known : attribute(value, name);
        attribute = true;
        if (!tokens.isOperator(program.at, '(') && value.kind() == Kind.NAME) {
          draft.attribute(value.text());
        }
      } else if (kind == Tokens.OPERATOR + '(') {
        program.at++;
        value =
            arguments.call(value, attribute ? receiver : PythonValue.UNKNOWN, tokens.start(from));
        if (attribute && Mutations.isChangeable(receiver)) {
          change(from, at, receiver);
        }
        receiver = PythonValue.UNKNOWN;
        attribute = false;
      } else if (kind == Tokens.OPERATOR + '[') {
        program.at++;
        value = displays.subscript(value);
        attribute = false;
      } else {
        break;
      }
    }
    draft.leave();
    return value;
  }

  /** {@code self.X} where the body of the class says what X is. */
  private @Nullable PythonValue ofClass(String object, String name) {
    return object.equals("self") || object.equals("cls") ? program.scope.module().own(name) : null;
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

  /** A method of a list or mapping was called; its name stands in front of a token. */
  private void change(int from, int at, PythonValue receiver) {
    String name = dotted(from, at - 2);
    if (!name.isEmpty()) {
      PythonValue changed =
          Mutations.called(draft, receiver, tokens.name(at - 1), arguments.last());
      if (changed != null) {
        program.assignments().change(name, receiver, changed);
      }
    }
  }

  private PythonValue attribute(PythonValue value, String name) {
    if (name.startsWith("__")) {
      if (DynamicNames.climbs(name)) {
        draft.facts.add(PythonFact.CLIMBS_OBJECTS);
      }
      switch (name) {
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
    if (value.type().equals("subprocess.Popen") && name.equals("stdin")) {
      return Values.object("subprocess.Popen.stdin", "", value.call());
    }
    if (value.type().equals("os.DirEntry") && (name.equals("path") || name.equals("name"))) {
      return PythonValue.string(value.text());
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
      case Tokens.STRING -> strings.read();
      case Tokens.OPERATOR + '(' -> {
        program.at++;
        yield displays.bracketed(')', Kind.UNKNOWN);
      }
      case Tokens.OPERATOR + '[' -> {
        program.at++;
        yield displays.bracketed(']', Kind.SEQUENCE);
      }
      case Tokens.OPERATOR + '{' -> {
        program.at++;
        yield displays.braces();
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
      case Keyword.NONE -> {}
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
        expressions.expression();
      }
    }
    if (tokens.isOperator(program.at, ':')) {
      program.at++;
    }
    Scope before = program.scope;
    program.scope = inner;
    expressions.expression();
    program.scope = before;
    return PythonValue.UNKNOWN;
  }
}
