package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads what stands between a compound command's keyword and its body: the words of a loop, the
 * subject and patterns of a case.
 */
final class CompoundHeaders {
  private final Draft draft;
  private final Source source;
  private final WordParser words;
  private final ListParser list;

  CompoundHeaders(Draft draft, Source source, WordParser words, ListParser list) {
    this.draft = draft;
    this.source = source;
    this.words = words;
    this.list = list;
  }

  /** Reads from behind {@code for} or {@code select} to in front of {@code do}. */
  void loop() {
    list.skipBlanks();
    if (source.peek(0) == '(' && source.peek(1) == '(') {
      list.open(ListParser.Kind.LOOP, Nesting.LOOP);
      list.arithmetic();
      return;
    }
    int from = source.pos;
    int nameEnd = Parameters.name(from, source.limit, source.text);
    String name = source.text.substring(from, nameEnd);
    source.pos = nameEnd;
    list.skipToWord();
    List<Word> items = new ArrayList<>();
    if (source.peek(0) == 'i' && source.peek(1) == 'n' && WordParser.breaksWord(source.peek(2))) {
      source.pos += 2;
      items = wordsOfLine();
    }
    list.open(ListParser.Kind.LOOP, Nesting.LOOP);
    if (!name.isEmpty()) {
      draft.variables().set(name, loopValue(items));
    }
  }

  private List<Word> wordsOfLine() {
    List<Word> items = new ArrayList<>();
    while (source.pos < source.limit && draft.work()) {
      list.skipBlanks();
      if (source.pos >= source.limit) {
        break;
      }
      char c = source.peek(0);
      if ((c == 0 && source.pos >= source.limit) || c == '\n' || WordParser.breaksWord(c)) {
        if (c != '<' && c != '>' && c != '(' && c != ')') {
          break;
        }
        source.pos++;
        continue;
      }
      int before = source.pos;
      words.read(items);
      if (source.pos == before) {
        source.pos++;
      }
    }
    draft.wordCount += items.size();
    return items;
  }

  private Variables.Value loopValue(List<Word> items) {
    int size = Math.min(items.size(), 16);
    if (size == 0) {
      return Variables.Value.of(String.valueOf(Word.HOLE));
    }
    String[] texts = new String[items.size() > size ? size + 1 : size];
    int first = -1;
    int last = -1;
    for (int i = 0; i < size; i++) {
      Word item = items.get(i);
      texts[i] = item.value();
      if (item.hasSubstitution()) {
        first = item.firstInner();
        last = item.lastInner();
      }
    }
    if (items.size() > size) {
      texts[size] = String.valueOf(Word.HOLE);
    }
    return new Variables.Value(texts, false, first, last);
  }

  /** Reads from behind {@code case} to behind the first pattern. */
  void choice() {
    list.skipBlanks();
    List<Word> subject = new ArrayList<>(1);
    words.read(subject);
    list.open(ListParser.Kind.CASE, Nesting.BRANCH);
    list.skipToWord();
    if (source.peek(0) == 'i' && source.peek(1) == 'n') {
      source.pos += 2;
    }
    pattern();
  }

  /** Skips a pattern of a case, up to behind its parenthesis; at {@code esac} it stays. */
  void pattern() {
    list.skipToWord();
    if (source.text.startsWith("esac", source.pos)
        && (source.pos + 4 >= source.limit || WordParser.breaksWord(source.peek(4)))) {
      return;
    }
    if (source.peek(0) == '(') {
      source.pos++;
    }
    List<Word> ignored = new ArrayList<>(1);
    while (source.pos < source.limit) {
      char c = source.peek(0);
      if (c == ')') {
        source.pos++;
        return;
      }
      if (c == '\n' || c == ';') {
        return;
      }
      if (WordParser.breaksWord(c)) {
        source.pos++;
        continue;
      }
      int before = source.pos;
      ignored.clear();
      words.read(ignored);
      if (source.pos == before) {
        source.pos++;
      }
    }
  }
}
