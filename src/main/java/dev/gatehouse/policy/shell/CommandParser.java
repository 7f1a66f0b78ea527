package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one simple command: assignments, words and redirections in any order; and hands it to the
 * {@link Interpreter}.
 */
final class CommandParser {
  private static final int MAX_REDIRECTIONS = 64;

  private final Draft draft;
  private final Source source;
  private final WordParser words;
  private final ListParser list;

  private @Nullable List<Redirection> redirections;
  private @Nullable List<Assignment> assignments;

  CommandParser(Draft draft, Source source, WordParser words, ListParser list) {
    this.draft = draft;
    this.source = source;
    this.words = words;
    this.list = list;
  }

  void read() {
    int start = source.pos;
    int usedMark = draft.usedMark();
    List<Word> read = new ArrayList<>(6);
    redirections = null;
    assignments = null;
    int facts = 0;
    int alternatives = 0;
    int end = start;
    while (source.pos < source.limit && draft.work()) {
      list.skipBlanks();
      if (source.pos >= source.limit) {
        break;
      }
      char c = source.text.charAt(source.pos);
      if (c == '\n' || c == ';' || c == '|' || c == ')' || (c == '&' && source.peek(1) != '>')) {
        break;
      }
      if (c == '#') {
        list.comment();
        break;
      }
      if (c == '(') {
        if (read.size() == 1 && isFunctionHead(start, end)) {
          list.functionNamed(read.get(0).value());
          return;
        }
        draft.facts |= Bits.of(ShellFact.INCOMPLETE);
        source.pos++;
        continue;
      }
      if (redirection()) {
        end = source.pos;
        continue;
      }
      if (!read.isEmpty()) {
        words.read(read);
        end = source.pos;
        continue;
      }
      if (assignment()) {
        end = source.pos;
        continue;
      }
      resetMarks();
      int from = source.pos;
      words.read(read);
      end = source.pos;
      facts |= nameFacts();
      alternatives = draft.alternatives;
      if (read.size() == 1 && redirections == null && assignments == null) {
        Word name = read.get(0);
        if (isKeyword(name, from) && keyword(name.value(), start)) {
          return;
        }
      }
    }
    draft.wordCount += read.size();
    emit(read, facts, alternatives, start, end, usedMark);
  }

  private void resetMarks() {
    draft.sawQuoting = false;
    draft.sawEscapes = false;
    draft.sawExpansion = false;
    draft.sawOutput = false;
    draft.sawIfs = false;
    draft.alternatives = 0;
  }

  private int nameFacts() {
    int facts = 0;
    if (draft.sawQuoting) {
      facts |= Bits.of(ShellFact.QUOTED_NAME);
    }
    if (draft.sawEscapes || draft.sawExpansion) {
      facts |= Bits.of(ShellFact.COMPUTED_NAME);
    }
    if (draft.sawOutput) {
      facts |= Bits.of(ShellFact.SUBSTITUTED_NAME);
    }
    if (draft.sawIfs) {
      facts |= Bits.of(ShellFact.IFS_AS_BLANK);
    }
    return facts;
  }

  private boolean isKeyword(Word name, int from) {
    int length = name.value().length();
    return length <= 8
        && !name.quoted()
        && length == source.pos - from
        && source.text.startsWith(name.value(), from);
  }

  private boolean keyword(String word, int start) {
    if (word.equals("[[")) {
      test(start);
      return true;
    }
    char first = word.charAt(0);
    if (first != '{' && first != '}' && first != '!' && (first < 'c' || first > 'w')) {
      return false;
    }
    return list.reserved(word);
  }

  private boolean isFunctionHead(int start, int end) {
    if (end <= start || redirections != null || assignments != null) {
      return false;
    }
    int at = source.pos + 1;
    while (at < source.limit && (source.text.charAt(at) == ' ' || source.text.charAt(at) == '\t')) {
      at++;
    }
    if (at >= source.limit || source.text.charAt(at) != ')') {
      return false;
    }
    source.pos = at + 1;
    return true;
  }

  /** Reads {@code [[ .. ]]}: operators in it are arguments. */
  private void test(int start) {
    int usedMark = draft.usedMark();
    List<Word> read = new ArrayList<>();
    read.add(
        new Word(
            "[[", true, false, false, -1, -1, source.spanStart(start), source.spanEnd(source.pos)));
    while (source.pos < source.limit && draft.work()) {
      list.skipBlanks();
      if (source.pos >= source.limit) {
        break;
      }
      char c = source.peek(0);
      if (c == '\n') {
        list.newline();
        continue;
      }
      if (c == ';') {
        break;
      }
      if (WordParser.breaksWord(c)) {
        source.pos++;
        continue;
      }
      int before = source.pos;
      words.read(read);
      if (source.pos == before) {
        source.pos++;
      }
      if (read.get(read.size() - 1).value().equals("]]")) {
        break;
      }
    }
    draft.wordCount += read.size();
    emit(read, 0, 0, start, source.pos, usedMark);
  }

  /**
   * Reads the redirections behind a compound command, and tells of them as a command without a
   * name.
   */
  void redirectionsOfCompound() {
    int start = source.pos;
    int usedMark = draft.usedMark();
    redirections = null;
    assignments = null;
    while (source.pos < source.limit && draft.work()) {
      list.skipBlanks();
      if (source.pos >= source.limit) {
        break;
      }
      if (!redirection()) {
        break;
      }
    }
    if (redirections != null) {
      emit(new ArrayList<>(0), 0, 0, start, source.pos, usedMark);
    }
  }

  private void emit(
      List<Word> read, int facts, int alternatives, int start, int end, int usedMark) {
    if (read.isEmpty() && redirections == null && assignments == null) {
      return;
    }
    List<Redirection> to = redirections == null ? List.of() : List.copyOf(redirections);
    List<Assignment> set = assignments == null ? List.of() : List.copyOf(assignments);
    redirections = null;
    assignments = null;
    int times = Math.max(1, Math.min(alternatives, read.size()));
    for (int i = 0; i < times; i++) {
      Word name = read.isEmpty() ? null : read.get(i);
      List<Word> arguments = read.size() <= times ? List.of() : read.subList(times, read.size());
      draft.interpreter.command(
          name,
          arguments,
          to,
          set,
          list.pipeline(),
          list.position(),
          list.context(),
          facts,
          source.spanStart(start),
          Math.max(source.spanStart(start), source.spanEnd(end)),
          source.base >= 0,
          list.uncertain(),
          usedMark);
    }
  }

  // Assignments.

  private boolean assignment() {
    String text = source.text;
    int from = source.pos;
    int at = Parameters.name(from, source.limit, text);
    if (at == from || at >= source.limit) {
      return false;
    }
    int nameEnd = at;
    if (text.charAt(at) == '[') {
      int close = text.indexOf(']', at, Math.min(source.limit, at + 128));
      if (close < 0) {
        return false;
      }
      at = close + 1;
    }
    boolean append = at + 1 < source.limit && text.charAt(at) == '+' && text.charAt(at + 1) == '=';
    if (append) {
      at++;
    }
    if (at >= source.limit || text.charAt(at) != '=') {
      return false;
    }
    String name = text.substring(from, nameEnd);
    boolean element = text.charAt(nameEnd) == '[';
    source.pos = at + 1;
    int usedMark = draft.usedMark();
    if (source.peek(0) == '(') {
      arrayValue(name, append);
      return true;
    }
    Word value = words.readWhole(false);
    value = draft.carryUsed(usedMark, value);
    add(new Assignment(name, value, append || element));
    if (append) {
      draft.interpreter.append(name, Interpreter.valueOf(value));
    } else {
      draft.variables().add(name, Interpreter.valueOf(value));
    }
    return true;
  }

  private void add(Assignment assignment) {
    if (assignments == null) {
      assignments = new ArrayList<>(2);
    }
    assignments.add(assignment);
  }

  private void arrayValue(String name, boolean append) {
    int start = source.pos++;
    List<Word> items = new ArrayList<>();
    while (source.pos < source.limit && draft.work()) {
      list.skipBlanks();
      if (source.pos >= source.limit) {
        break;
      }
      char c = source.peek(0);
      if (c == ')') {
        source.pos++;
        break;
      }
      if (c == '\n') {
        list.newline();
      } else if (WordParser.breaksWord(c)) {
        source.pos++;
      } else {
        int before = source.pos;
        words.read(items);
        if (source.pos == before) {
          source.pos++;
        }
      }
    }
    draft.wordCount += items.size();
    String[] texts = new String[Math.min(items.size(), 1000)];
    boolean known = true;
    int size = 0;
    int first = -1;
    int last = -1;
    for (int i = 0; i < texts.length; i++) {
      Word item = items.get(i);
      texts[i] = item.value();
      known &= item.known();
      size += texts[i].length();
      if (item.hasSubstitution()) {
        first = item.firstInner();
        last = item.lastInner();
      }
    }
    Variables.Value value = new Variables.Value(texts, true, first, last);
    boolean affordable = draft.charge(size);
    String joined = affordable ? String.join(" ", texts) : String.valueOf(Word.HOLE);
    add(
        new Assignment(
            name,
            new Word(
                joined,
                known && affordable,
                false,
                false,
                first,
                last,
                source.spanStart(start),
                source.spanEnd(source.pos)),
            append));
    if (append) {
      draft.interpreter.append(name, value);
    } else {
      draft.variables().set(name, value);
    }
  }

  // Redirections.

  private boolean redirection() {
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
    char c = source.peek(0);
    if ((c == '<' || c == '>') && source.peek(1) == '(') {
      int start = source.pos;
      source.pos += 2;
      Pieces pieces = new Pieces(draft, null, source.spanStart(start));
      words.substitution(pieces, true, Nesting.PROCESS_SUBSTITUTION);
      return new Word(
          pieces.text(),
          true,
          false,
          false,
          pieces.firstInner,
          pieces.lastInner,
          source.spanStart(start),
          source.spanEnd(source.pos));
    }
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
