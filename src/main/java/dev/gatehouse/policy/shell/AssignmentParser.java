package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the assignments in front of a command, and has them hold for what comes after. */
final class AssignmentParser {
  private final Draft draft;
  private final Source source;
  private final WordParser words;
  private final ListParser list;
  private @Nullable List<Assignment> assignments;

  AssignmentParser(Draft draft, Source source, WordParser words, ListParser list) {
    this.draft = draft;
    this.source = source;
    this.words = words;
    this.list = list;
  }

  /** Forgets what was read of the last command. */
  void clear() {
    assignments = null;
  }

  boolean none() {
    return assignments == null;
  }

  /** What was read since it was last taken or cleared. */
  List<Assignment> take() {
    List<Assignment> taken = assignments == null ? List.of() : List.copyOf(assignments);
    assignments = null;
    return taken;
  }

  /** Reads the assignment here; false, and nothing is read, if there is none. */
  boolean read() {
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
}
