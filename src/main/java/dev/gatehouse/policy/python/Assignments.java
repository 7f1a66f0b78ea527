package dev.gatehouse.policy.python;

import java.util.ArrayList;
import java.util.List;

/** Reads statements that are an expression, and binds what they assign to names. */
final class Assignments {
  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;
  private final Expressions expressions;

  Assignments(Program program, Expressions expressions) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
    this.expressions = expressions;
  }

  /** Reads an expression and what it is assigned to, if to anything; what it stands for. */
  PythonValue statement() {
    int from = program.at;
    PythonValue value = expressions.list();
    int stop = program.at;
    List<int[]> targets = null;
    boolean annotated = false;
    while (program.at < program.end) {
      if (tokens.isOperator(program.at, '=')) {
        targets = targets == null ? new ArrayList<>(1) : targets;
        targets.add(new int[] {from, stop});
        program.at++;
        from = program.at;
        value = expressions.list();
        stop = program.at;
        continue;
      }
      if (tokens.isOperator(program.at, ':')
          && !annotated
          && isTarget(from, stop)
          && annotation()) {
        annotated = true;
        continue;
      }
      break;
    }
    if (targets != null) {
      for (int[] target : targets) {
        assign(target[0], target[1], value);
      }
    } else if (program.at < program.end && isAugmented()) {
      augmented(from, stop);
    } else if (stop == from + 1 && tokens.kind(from) == Tokens.STRING && program.exact()) {
      draft.paintDocumentation(
          program.spanStart(tokens.start(from)), program.spanEnd(tokens.end(from)));
    }
    return value;
  }

  /** Steps over {@code : type}, if a type and not a block follows. */
  private boolean annotation() {
    int look = program.at + 1;
    int depth = 0;
    while (look < program.end && look < program.at + 64 && tokens.kind(look) != Tokens.LINE) {
      if (depth == 0 && tokens.isOperator(look, '=')) {
        program.at = look;
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
        && (program.at == 0 || from == 0 || tokens.kind(from - 1) == Tokens.LINE);
  }

  private boolean isAugmented() {
    int start = tokens.start(program.at);
    int length = tokens.end(program.at) - start;
    return tokens.kind(program.at) >= Tokens.OPERATOR
        && length >= 2
        && tokens.text.charAt(start + length - 1) == '='
        && "+-*/%&|^@<>".indexOf(tokens.text.charAt(start)) >= 0
        && (length == 3 || "<>".indexOf(tokens.text.charAt(start)) < 0);
  }

  private void augmented(int from, int stop) {
    char operator = tokens.text.charAt(tokens.start(program.at));
    program.at++;
    PythonValue value = expressions.list();
    if (stop != from + 1 || tokens.kind(from) != Tokens.NAME) {
      return;
    }
    String name = tokens.name(from);
    PythonValue old = program.scope.get(name);
    PythonValue result =
        old == null ? PythonValue.UNKNOWN : Computed.binary(draft, operator, old, value);
    if (program.inLoop() && result.isText()) {
      result = Computed.binary(draft, '+', result, Values.of(result.kind(), Values.HOLE));
    }
    program.scope.set(name, result);
  }

  void assign(int from, int stop, PythonValue value) {
    if (stop == from + 1 && tokens.kind(from) == Tokens.NAME) {
      assign(tokens.name(from), value);
      return;
    }
    if (stop > from && isDotted(from, stop)) {
      draft.assignsAttributes = true;
      String name = tokens.text.substring(tokens.start(from), tokens.end(stop - 1));
      assign(name, value);
      share(name, value);
      return;
    }
    if (isItem(from, stop)) {
      PythonValue key =
          tokens.kind(from + 2) == Tokens.STRING
              ? Literals.decode(tokens.text, tokens.start(from + 2), tokens.end(from + 2))
              : Values.of(PythonValue.Kind.NUMBER, tokens.textOf(from + 2));
      PythonValue old = program.scope.get(tokens.name(from));
      if (old != null && Mutations.isChangeable(old) && draft.charge(old.items().size())) {
        change(tokens.name(from), old, Mutations.set(old, key, value));
      }
      return;
    }
    int index = 0;
    int depth = 0;
    boolean bracketed = tokens.isOperator(from, '(') || tokens.isOperator(from, '[');
    boolean several = false;
    boolean starred = false;
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
        if (i > from && tokens.isOperator(i - 1, '*') && !starred) {
          starred = true;
          int taken = value.items().size() - index - commas(i, stop);
          assign(tokens.name(i), rest(value, index, taken));
          index += Math.max(0, taken) - 1;
        } else {
          assign(tokens.name(i), item(value, index));
        }
      }
    }
  }

  private int commas(int from, int stop) {
    int commas = 0;
    for (int i = from; i < stop; i++) {
      commas += tokens.isOperator(i, ',') ? 1 : 0;
    }
    return commas;
  }

  /** What {@code *name} takes of a sequence. */
  private static PythonValue rest(PythonValue value, int from, int count) {
    return value.kind() == PythonValue.Kind.SEQUENCE && from >= 0 && count >= 0
        ? Values.sequence(value.items().subList(from, from + count))
        : PythonValue.UNKNOWN;
  }

  /** What one method gives to {@code self.x}, another may find there. */
  private void share(String name, PythonValue value) {
    Scope module = program.scope.module();
    if (module != program.scope && name.startsWith("self.")) {
      PythonValue old = module.own(name);
      module.set(name, old == null ? value : Values.either(draft, old, value));
    }
  }

  /** {@code name[constant]}. */
  private boolean isItem(int from, int stop) {
    return stop == from + 4
        && tokens.kind(from) == Tokens.NAME
        && tokens.isOperator(from + 1, '[')
        && (tokens.kind(from + 2) == Tokens.STRING || tokens.kind(from + 2) == Tokens.NUMBER)
        && tokens.isOperator(from + 3, ']');
  }

  /** What a name stands for was changed in its place. */
  void change(String name, PythonValue old, PythonValue value) {
    program.scope.replace(name, program.uncertain() ? Values.either(draft, old, value) : value);
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

  private static PythonValue item(PythonValue value, int index) {
    return value.kind() == PythonValue.Kind.SEQUENCE && index >= 0 && index < value.items().size()
        ? value.items().get(index)
        : PythonValue.UNKNOWN;
  }

  void assign(String name, PythonValue value) {
    PythonValue old = program.scope.own(name);
    if (old == null || !program.uncertain()) {
      program.scope.set(name, value);
    } else {
      program.scope.set(name, Values.either(draft, old, value));
    }
  }

  private PythonValue each(PythonValue items) {
    if (items.kind() == PythonValue.Kind.SEQUENCE) {
      return Values.choice(items.items());
    }
    PythonValue entry = Listings.entry(draft, items);
    return entry == null ? PythonValue.UNKNOWN : entry;
  }

  void bindEach(int from, int stop, PythonValue items) {
    if (stop == from + 1 && tokens.kind(from) == Tokens.NAME) {
      program.scope.set(tokens.name(from), each(items));
      return;
    }
    PythonValue entry = Listings.entry(draft, items);
    int index = 0;
    for (int i = from; i < stop; i++) {
      if (tokens.kind(i) == Tokens.NAME) {
        program.scope.set(
            tokens.name(i), entry == null ? PythonValue.UNKNOWN : item(entry, index++));
      }
    }
  }
}
