package dev.gatehouse.policy.python;

/** Reads import statements, and binds what they import. */
final class Imports {
  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;

  Imports(Program program) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
  }

  /** {@code import a.b as c}. */
  void modules() {
    int start = tokens.start(program.at);
    program.at++;
    while (program.at < program.end) {
      String module = dotted();
      String alias = alias();
      int stop = program.at > 0 ? tokens.end(program.at - 1) : start;
      if (!module.isEmpty()) {
        draft.imports.add(
            new PythonImport(
                module, "", alias, false, program.spanStart(start), program.spanEnd(stop)));
        if (!alias.isEmpty()) {
          program.scope.set(alias, Values.name(module));
        } else {
          int dot = module.indexOf('.');
          String top = dot > 0 ? module.substring(0, dot) : module;
          program.scope.set(top, Values.name(top));
        }
      }
      if (!tokens.isOperator(program.at, ',')) {
        break;
      }
      program.at++;
    }
  }

  /** {@code from a import b as c}. */
  void names() {
    int start = tokens.start(program.at);
    program.at++;
    String module = dotted();
    if (!(tokens.kind(program.at) == Tokens.NAME && tokens.is(program.at, Keyword.IMPORT))) {
      return;
    }
    program.at++;
    while (program.at < program.end
        && tokens.kind(program.at) != Tokens.LINE
        && !tokens.isOperator(program.at, ';')) {
      if (tokens.kind(program.at) == Tokens.NAME) {
        String name = Names.plain(draft, tokens.name(program.at));
        program.at++;
        String alias = alias();
        draft.imports.add(
            new PythonImport(
                module,
                name,
                alias,
                false,
                program.spanStart(start),
                program.spanEnd(tokens.end(program.at - 1))));
        program.scope.set(
            alias.isEmpty() ? name : alias, Values.name(Names.canonical(module + "." + name)));
      } else {
        if (tokens.isOperator(program.at, '*')) {
          draft.imports.add(
              new PythonImport(
                  module,
                  "*",
                  "",
                  false,
                  program.spanStart(start),
                  program.spanEnd(tokens.end(program.at))));
          Names.bindAll(program.scope, module);
        }
        program.at++;
      }
    }
  }

  private String dotted() {
    StringBuilder name = new StringBuilder();
    while (program.at < program.end) {
      if (tokens.isOperator(program.at, '.')) {
        name.append(tokens.text, tokens.start(program.at), tokens.end(program.at));
      } else if (tokens.kind(program.at) == Tokens.NAME
          && !tokens.is(program.at, Keyword.IMPORT)
          && !tokens.is(program.at, Keyword.AS)) {
        name.append(Names.plain(draft, tokens.name(program.at)));
        if (!tokens.isOperator(program.at + 1, '.')) {
          program.at++;
          break;
        }
      } else {
        break;
      }
      program.at++;
    }
    return name.toString();
  }

  private String alias() {
    if (program.at < program.end
        && tokens.kind(program.at) == Tokens.NAME
        && tokens.is(program.at, Keyword.AS)) {
      program.at++;
      if (tokens.kind(program.at) == Tokens.NAME) {
        return Names.plain(draft, tokens.name(program.at++));
      }
    }
    return "";
  }
}
