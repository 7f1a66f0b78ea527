package dev.gatehouse.policy.python;

import dev.gatehouse.policy.text.Use;
import org.jspecify.annotations.Nullable;

/** Reads strings, and the expressions inside formatted ones. */
final class StringTokens {
  private final Program program;
  private final Tokens tokens;
  private final PythonDraft draft;

  StringTokens(Program program) {
    this.program = program;
    this.tokens = program.tokens;
    this.draft = program.draft;
  }

  /** Strings one after the other are one. */
  PythonValue read() {
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
    PythonValue before = null;
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
        PythonValue part = replacement(text, at + 1, close);
        if (Values.isChoice(part)) {
          before = added(before, added(PythonValue.string(out.toString()), printed(part)));
          out.setLength(0);
        } else {
          out.append(Values.textFor(part));
        }
        at = Math.min(close + 1, to);
        literal = at;
      } else {
        at += c == '\\' && !raw ? 2 : 1;
      }
    }
    literal(out, text, Math.min(literal, to), to, raw);
    return added(before, PythonValue.string(out.toString()));
  }

  private PythonValue added(@Nullable PythonValue one, PythonValue other) {
    return one == null ? other : Computed.binary(draft, '+', one, other);
  }

  /** Each of the values that it may be, as a text. */
  private static PythonValue printed(PythonValue choice) {
    return Values.choice(
        choice.items().stream().map(one -> PythonValue.string(Values.textFor(one))).toList());
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
  private PythonValue replacement(String text, int from, int to) {
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
      return PythonValue.UNKNOWN;
    }
    String source = text.substring(from, stop);
    PythonValue value = PythonValue.UNKNOWN;
    if (draft.charge(source.length())) {
      draft.made(source);
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
    return value;
  }

  /** The string literals between two tokens are data, unless something is called in between. */
  void paint(int from, int to) {
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
}
