package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one simple command: assignments, words and redirections in any order; and hands it to the
 * {@link Interpreter}.
 */
final class CommandParser {

  private final Draft draft;
  private final Source source;
  private final WordParser words;
  private final ListParser list;

  private final RedirectionParser redirections;
  private final AssignmentParser assignments;

  CommandParser(Draft draft, Source source, WordParser words, ListParser list) {
    this.draft = draft;
    this.source = source;
    this.words = words;
    this.list = list;
    this.redirections = new RedirectionParser(draft, source, words, list);
    this.assignments = new AssignmentParser(draft, source, words, list);
  }

  void read() {
    int start = source.pos;
    int usedMark = draft.usedMark();
    List<Word> read = new ArrayList<>(6);
    redirections.clear();
    assignments.clear();
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
      if (redirections.read()) {
        end = source.pos;
        continue;
      }
      if (!read.isEmpty()) {
        words.read(read);
        end = source.pos;
        continue;
      }
      if (assignments.read()) {
        end = source.pos;
        continue;
      }
      resetMarks();
      int from = source.pos;
      words.read(read);
      end = source.pos;
      facts |= nameFacts();
      alternatives = draft.alternatives;
      if (read.size() == 1 && redirections.none() && assignments.none()) {
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
    if (end <= start || !redirections.none() || !assignments.none()) {
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
   * name; null if there are none.
   */
  @Nullable Invocation redirectionsOfCompound() {
    int before = draft.commands.size();
    int start = source.pos;
    int usedMark = draft.usedMark();
    redirections.clear();
    assignments.clear();
    while (source.pos < source.limit && draft.work()) {
      list.skipBlanks();
      if (source.pos >= source.limit) {
        break;
      }
      if (!redirections.read()) {
        break;
      }
    }
    if (!redirections.none()) {
      emit(new ArrayList<>(0), 0, 0, start, source.pos, usedMark);
    }
    return draft.commands.size() > before ? draft.commands.get(before) : null;
  }

  private void emit(
      List<Word> read, int facts, int alternatives, int start, int end, int usedMark) {
    if (read.isEmpty() && redirections.none() && assignments.none()) {
      return;
    }
    List<Redirection> to = redirections.take();
    List<Assignment> set = assignments.take();
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
}
