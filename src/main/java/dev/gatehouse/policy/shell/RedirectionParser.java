package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the redirections of a command, and the here-documents that they announce. */
final class RedirectionParser {
  private static final int MAX_REDIRECTIONS = 64;

  private final Draft draft;
  private final Source source;
  private final WordParser words;
  private final ListParser list;
  private @Nullable List<Redirection> redirections;

  RedirectionParser(Draft draft, Source source, WordParser words, ListParser list) {
    this.draft = draft;
    this.source = source;
    this.words = words;
    this.list = list;
  }

  /** Forgets what was read of the last command. */
  void clear() {
    redirections = null;
  }

  boolean none() {
    return redirections == null;
  }

  /** What was read since it was last taken or cleared. */
  List<Redirection> take() {
    List<Redirection> taken = redirections == null ? List.of() : List.copyOf(redirections);
    redirections = null;
    return taken;
  }

  /** Reads the redirection here; false, and nothing is read, if there is none. */
  boolean read() {
    int from = source.pos;
    int at = from;
    String text = source.text;
    int descriptor = -2;
    char c = text.charAt(Math.min(at, text.length() - 1));
    if (at >= source.limit) {
      return false;
    }
    if (c >= '0' && c <= '9') {
      int number = 0;
      while (at < source.limit && at - from < 4 && Character.digit(text.charAt(at), 10) >= 0) {
        number = number * 10 + Character.digit(text.charAt(at++), 10);
      }
      descriptor = number;
      c = at < source.limit ? text.charAt(at) : 0;
    } else if (c == '{') {
      int end = Parameters.name(at + 1, source.limit, text);
      if (end == at + 1 || end + 1 >= source.limit || text.charAt(end) != '}') {
        return false;
      }
      at = end + 1;
      c = text.charAt(at);
      descriptor = -1;
    }
    if (c != '<' && c != '>' && (c != '&' || descriptor != -2)) {
      return false;
    }
    char next = at + 1 < source.limit ? text.charAt(at + 1) : 0;
    char third = at + 2 < source.limit ? text.charAt(at + 2) : 0;
    if (c == '&' && next != '>') {
      return false;
    }
    if (next == '(' && c != '&' && descriptor == -2) {
      return false;
    }
    source.pos = at;
    switch (c) {
      case '&' ->
          operator(
              next == '>' && third == '>' ? 3 : 2,
              third == '>' ? Redirection.Kind.APPEND_BOTH : Redirection.Kind.WRITE_BOTH,
              1);
      case '>' -> output(descriptor == -2 ? 1 : descriptor, next);
      default -> input(descriptor == -2 ? 0 : descriptor, next, third);
    }
    return true;
  }

  private void output(int descriptor, char next) {
    if (next == '>') {
      operator(2, Redirection.Kind.APPEND, descriptor);
    } else if (next == '|') {
      operator(2, Redirection.Kind.WRITE, descriptor);
    } else if (next == '&') {
      duplicate(descriptor, Redirection.Kind.DUPLICATE_OUTPUT);
    } else {
      operator(1, Redirection.Kind.WRITE, descriptor);
    }
  }

  private void input(int descriptor, char next, char third) {
    if (next == '<' && third == '<') {
      operator(3, Redirection.Kind.HERE_STRING, descriptor);
    } else if (next == '<') {
      hereDocument(descriptor, third == '-');
    } else if (next == '&') {
      duplicate(descriptor, Redirection.Kind.DUPLICATE_INPUT);
    } else if (next == '>') {
      operator(2, Redirection.Kind.READ_WRITE, descriptor);
    } else {
      operator(1, Redirection.Kind.READ, descriptor);
    }
  }

  private void operator(int length, Redirection.Kind kind, int descriptor) {
    source.pos += length;
    add(new Redirection(kind, descriptor, target()));
  }

  private void duplicate(int descriptor, Redirection.Kind kind) {
    source.pos += 2;
    Word target = target();
    String value = target.value();
    boolean file =
        kind == Redirection.Kind.DUPLICATE_OUTPUT
            && !value.isEmpty()
            && !value.equals("-")
            && !Character.isDigit(value.charAt(0))
            && value.charAt(0) != Word.HOLE;
    add(new Redirection(file ? Redirection.Kind.WRITE_BOTH : kind, descriptor, target));
  }

  private Word target() {
    list.skipBlanks();
    return words.readWhole(true);
  }

  private void add(Redirection redirection) {
    if (redirections != null && redirections.size() >= MAX_REDIRECTIONS) {
      draft.facts |= Bits.of(ShellFact.LIMIT_REACHED);
      return;
    }
    if (redirections == null) {
      redirections = new ArrayList<>(2);
    }
    redirections.add(redirection);
  }

  private void hereDocument(int descriptor, boolean stripTabs) {
    source.pos += stripTabs ? 3 : 2;
    list.skipBlanks();
    Word delimiter = words.readWhole(false);
    int bodyStart;
    if (source.hereLine >= source.pos) {
      bodyStart = source.hereResume;
    } else {
      int newline = source.text.indexOf('\n', source.pos, source.limit);
      if (newline < 0) {
        draft.facts |= Bits.of(ShellFact.INCOMPLETE);
        return;
      }
      source.hereLine = newline;
      bodyStart = newline + 1;
    }
    int bodyEnd = bodyStart;
    int resume = source.limit;
    boolean closed = false;
    if (!draft.charge(1)) {
      bodyEnd = source.limit;
    }
    while (bodyEnd < source.limit) {
      int lineEnd = source.text.indexOf('\n', bodyEnd, source.limit);
      int to = lineEnd < 0 ? source.limit : lineEnd;
      if (isDelimiter(bodyEnd, to, delimiter.value(), stripTabs)) {
        resume = lineEnd < 0 ? source.limit : lineEnd + 1;
        closed = true;
        break;
      }
      bodyEnd = lineEnd < 0 ? source.limit : lineEnd + 1;
    }
    if (!closed) {
      draft.facts |= Bits.of(ShellFact.INCOMPLETE);
    }
    draft.charge(bodyEnd - bodyStart);
    add(
        new Redirection(
            Redirection.Kind.HERE_DOCUMENT,
            descriptor,
            body(bodyStart, bodyEnd, delimiter.quoted(), stripTabs)));
    source.hereResume = closed ? resume : source.limit;
  }

  private boolean isDelimiter(int from, int to, String delimiter, boolean stripTabs) {
    int start = from;
    while (stripTabs && start < to && source.text.charAt(start) == '\t') {
      start++;
    }
    int end = to > start && source.text.charAt(to - 1) == '\r' ? to - 1 : to;
    return end - start == delimiter.length() && source.text.startsWith(delimiter, start);
  }

  private Word body(int from, int to, boolean literal, boolean stripTabs) {
    Word body;
    if (literal) {
      String value = source.text.substring(from, to);
      body =
          new Word(
              value,
              value.indexOf(Word.HOLE) < 0,
              true,
              false,
              -1,
              -1,
              source.spanStart(from),
              source.spanEnd(to));
    } else {
      int pos = source.pos;
      int limit = source.limit;
      int hereLine = source.hereLine;
      source.pos = from;
      source.limit = to;
      source.hereLine = -1;
      body = words.readBody();
      source.pos = pos;
      source.limit = limit;
      source.hereLine = hereLine;
    }
    if (!stripTabs || body.value().indexOf('\t') < 0) {
      return body;
    }
    String[] lines = body.value().split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      int tabs = 0;
      while (tabs < lines[i].length() && lines[i].charAt(tabs) == '\t') {
        tabs++;
      }
      lines[i] = lines[i].substring(tabs);
    }
    return body.withValue(String.join("\n", lines));
  }
}
