package dev.gatehouse.policy.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What variables hold at the place the reader is at. A variable that may hold one of several texts
 * has them all.
 */
final class Variables {
  /** More possible texts than this are not told apart. */
  private static final int MAX_TEXTS = 16;

  /**
   * What one variable holds.
   *
   * @param texts the items of an array, or else the texts of which it holds one; with holes
   * @param array whether it is an array
   * @param firstInner first command whose output it is, or -1
   * @param lastInner last of them
   */
  @SuppressWarnings("ArrayRecordComponent") // made for each assignment, never compared
  record Value(String[] texts, boolean array, int firstInner, int lastInner) {
    static Value of(String text) {
      return new Value(new String[] {text}, false, -1, -1);
    }
  }

  private static final Map<String, Value> INHERITED =
      Map.of(
          "HOME", Value.of("~"),
          "IFS", Value.of(" \t\n"),
          "PWD", Value.of("."),
          "SHELL", Value.of("/bin/bash"),
          "BASH", Value.of("/bin/bash"),
          "PATH", Value.of("/" + Word.HOLE),
          "0", Value.of("bash"));

  private final Map<String, Value> values = new HashMap<>();
  private @Nullable List<String> positional;

  @Nullable Value get(String name) {
    List<String> arguments = positional;
    char first = name.charAt(0);
    if (arguments != null && first >= '1' && first <= '9') {
      int index = 0;
      for (int i = 0; i < name.length() && index < 1000; i++) {
        index = index * 10 + Character.digit(name.charAt(i), 10);
      }
      return index <= arguments.size() && index > 0
          ? Value.of(arguments.get(index - 1))
          : Value.of("");
    }
    if (arguments != null && (first == '@' || first == '*')) {
      return new Value(arguments.toArray(new String[0]), true, -1, -1);
    }
    Value value = values.get(name);
    return value != null ? value : INHERITED.get(name);
  }

  boolean assigned(String name) {
    return values.containsKey(name);
  }

  void set(String name, Value value) {
    values.put(name, value);
  }

  /** The text is run with this variable; one that means something of itself may hold either. */
  void given(String name, String text) {
    Value usual = INHERITED.get(name);
    values.put(
        name,
        usual == null
            ? Value.of(text)
            : new Value(new String[] {usual.texts()[0], text}, false, -1, -1));
  }

  /**
   * The assignment may or may not happen: afterwards the variable holds what it held or the new
   * text.
   */
  void add(String name, Value value) {
    Value old = values.get(name);
    if (old == null || old.array() || value.array()) {
      values.put(name, value);
      return;
    }
    List<String> known = Arrays.asList(old.texts());
    if (value.firstInner() < 0 && known.containsAll(Arrays.asList(value.texts()))) {
      return;
    }
    List<String> texts = new ArrayList<>(known);
    for (String text : value.texts()) {
      if (!texts.contains(text)) {
        texts.add(text);
      }
    }
    if (texts.size() > MAX_TEXTS) {
      texts = List.of(String.valueOf(Word.HOLE));
    }
    int first = value.firstInner() >= 0 ? value.firstInner() : old.firstInner();
    int last = value.firstInner() >= 0 ? value.lastInner() : old.lastInner();
    values.put(name, new Value(texts.toArray(new String[0]), false, first, last));
  }

  void append(String name, Value value) {
    Value old = values.get(name);
    if (old == null) {
      values.put(name, value);
    } else if (old.array() || value.array()) {
      List<String> items = new ArrayList<>(List.of(old.texts()));
      items.addAll(List.of(value.texts()));
      values.put(name, new Value(items.toArray(new String[0]), true, -1, -1));
    } else {
      values.put(
          name,
          new Value(
              new String[] {old.texts()[0] + value.texts()[0]},
              false,
              value.firstInner() >= 0 ? value.firstInner() : old.firstInner(),
              value.firstInner() >= 0 ? value.lastInner() : old.lastInner()));
    }
  }

  /** What ends a word in what unquoted expansions put there, beside blanks: {@code IFS}, if set. */
  String separators() {
    Value separators = values.get("IFS");
    return separators == null ? "" : String.join("", separators.texts());
  }

  void unset(String name) {
    values.remove(name);
  }

  @Nullable List<String> positional() {
    return positional;
  }

  void positional(@Nullable List<String> arguments) {
    positional = arguments;
  }

  /** The words from one on are now {@code $1} and so on; what was before. */
  @Nullable List<String> positional(List<Word> words, int from) {
    List<String> before = positional;
    List<String> arguments = new ArrayList<>();
    for (int i = from; i < words.size(); i++) {
      arguments.add(words.get(i).value());
    }
    positional = List.copyOf(arguments);
    return before;
  }
}
