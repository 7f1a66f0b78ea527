package dev.gatehouse.policy.shell;

/**
 * Reads the commands of {@code $(..)}, {@code <(..)} and backquotes, and puts what they print into
 * a word.
 */
final class Substitutions {
  private final Draft draft;
  private final Source source;
  private final Context context;

  Substitutions(Draft draft, Source source, Context context) {
    this.draft = draft;
    this.source = source;
    this.context = context;
  }

  /** Reads the commands up to the closing parenthesis, from behind the opening one. */
  void read(Pieces pieces, boolean inQuotes, Nesting kind) {
    int from = source.pos;
    int first = draft.commands.size();
    if (!draft.work() || !draft.enter()) {
      pieces.hole();
      return;
    }
    ListParser inner = new ListParser(draft, source, context.in(kind));
    inner.read(true);
    draft.leave();
    finish(pieces, inQuotes, kind, from, first, inner);
  }

  private void finish(
      Pieces pieces, boolean inQuotes, Nesting kind, int from, int first, ListParser inner) {
    int last = draft.commands.size() - 1;
    draft.substituted(source.spanStart(Math.max(0, from - 2)), source.spanEnd(source.pos));
    pieces.inner(first, last);
    if (kind == Nesting.PROCESS_SUBSTITUTION) {
      pieces.append("/dev/fd/63");
      return;
    }
    String output = inner.output(first, last);
    if (output == null) {
      pieces.hole();
      return;
    }
    int end = output.length();
    while (end > 0 && output.charAt(end - 1) == '\n') {
      end--;
    }
    draft.sawOutput = true;
    String value = output.substring(0, end);
    if (inQuotes || !pieces.splits()) {
      pieces.appendExpanded(value);
    } else {
      pieces.split(value);
    }
  }

  void backquoted(Pieces pieces, boolean inQuotes) {
    int from = source.pos + 1;
    int at = from;
    boolean escaped = false;
    while (at < source.limit && source.text.charAt(at) != '`') {
      if (source.text.charAt(at) == '\\') {
        escaped = true;
        at++;
      }
      at++;
    }
    int to = Math.min(at, source.limit);
    if (at >= source.limit) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    }
    int first = draft.commands.size();
    if (!draft.work() || !draft.enter()) {
      pieces.hole();
      source.pos = Math.min(to + 1, source.limit);
      return;
    }
    ListParser inner;
    if (escaped) {
      String text = unescape(from, to);
      Source nested = new Source(text, -1, source.spanStart(from), source.spanEnd(to));
      inner = new ListParser(draft, nested, context.in(Nesting.SUBSTITUTION));
      if (draft.charge(text.length())) {
        inner.read(false);
      }
    } else {
      int limit = source.limit;
      source.pos = from;
      source.limit = to;
      inner = new ListParser(draft, source, context.in(Nesting.SUBSTITUTION));
      inner.read(false);
      source.limit = limit;
    }
    draft.leave();
    source.pos = Math.min(to + 1, source.limit);
    finish(pieces, inQuotes, Nesting.SUBSTITUTION, from, first, inner);
  }

  private String unescape(int from, int to) {
    StringBuilder out = new StringBuilder(to - from);
    for (int at = from; at < to; at++) {
      char c = source.text.charAt(at);
      if (c == '\\' && at + 1 < to && "\\`$".indexOf(source.text.charAt(at + 1)) >= 0) {
        c = source.text.charAt(++at);
      }
      out.append(c);
    }
    return out.toString();
  }
}
