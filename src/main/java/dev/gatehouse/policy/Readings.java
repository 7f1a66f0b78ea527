package dev.gatehouse.policy;

import dev.gatehouse.policy.python.PythonReader;
import dev.gatehouse.policy.python.PythonReading;
import dev.gatehouse.policy.python.QueryText;
import dev.gatehouse.policy.python.ShellText;
import dev.gatehouse.policy.shell.Embedded;
import dev.gatehouse.policy.shell.Language;
import dev.gatehouse.policy.shell.ShellCommand;
import dev.gatehouse.policy.shell.ShellReader;
import dev.gatehouse.policy.shell.ShellReading;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Everything that the readers say of one action's texts, those inside other texts included. Filled
 * by one thread, then read.
 */
final class Readings {
  /** Texts inside texts inside texts are read down to this depth; below it nothing is known. */
  private static final int DEEPEST = 4;

  private static final int MOST = 256;

  final List<Shell> shells = new ArrayList<>(2);
  final List<Python> pythons = new ArrayList<>(2);
  final List<Program> programs = new ArrayList<>(2);

  /** Whether some text was too deep, there were too many, or one was no text. */
  boolean cut;

  /** Whether nothing was read. */
  boolean isEmpty() {
    return shells.isEmpty() && pythons.isEmpty() && programs.isEmpty();
  }

  /** One shell text. */
  static final class Shell {
    /**
     * So many pairs of commands are looked at for a flow between them; after that there is taken to
     * be one, so that time stays linear and nothing gets safer.
     */
    private static final int MOST_PAIRS = 50_000;

    private final ShellReading reading;
    private final Origin origin;
    private final IdentityHashMap<CommandTest, int[]> passing = new IdentityHashMap<>();
    private int pairs;

    Shell(ShellReading reading, Origin origin) {
      this.reading = reading;
      this.origin = origin;
    }

    ShellReading reading() {
      return reading;
    }

    Origin origin() {
      return origin;
    }

    List<ShellCommand> commands() {
      return reading.commands();
    }

    /** The commands that pass a test, found once. */
    int[] passing(CommandTest test) {
      int[] known = passing.get(test);
      if (known == null) {
        known = IntStream.range(0, commands().size()).filter(i -> test.holds(this, i)).toArray();
        passing.put(test, known);
      }
      return known;
    }

    /** Whether output of one command can reach another. */
    boolean flows(int from, int to) {
      return ++pairs > MOST_PAIRS || reading.flows(from, to);
    }
  }

  /** One Python text. */
  record Python(PythonReading reading, Origin origin) {}

  void read(Language language, String text, Origin origin) {
    if (language == Language.PYTHON) {
      python(text, origin);
    } else {
      programs.add(new Program(language, text, origin));
    }
  }

  void shell(String text, Origin origin) {
    shell(ShellReader.read(text), origin);
  }

  void arguments(List<String> words, Origin origin) {
    shell(ShellReader.readArguments(words), origin);
  }

  private void shell(ShellReading reading, Origin origin) {
    shells.add(new Shell(reading, origin));
    if (full(origin)) {
      cut |= !reading.embedded().isEmpty();
      return;
    }
    List<Embedded> embedded = reading.embedded();
    for (int i = 0; i < embedded.size(); i++) {
      Embedded one = embedded.get(i);
      read(one.language(), one.text(), origin.inner(one.start(), one.end()));
    }
  }

  private void python(String text, Origin origin) {
    PythonReading reading = PythonReader.read(text);
    pythons.add(new Python(reading, origin));
    if (full(origin)) {
      cut |= !reading.shellTexts().isEmpty() || !reading.queryTexts().isEmpty();
      return;
    }
    List<QueryText> queries = reading.queryTexts();
    for (int i = 0; i < queries.size() && !full(origin); i++) {
      QueryText one = queries.get(i);
      programs.add(new Program(Language.SQL, one.text(), origin.inner(one.start(), one.end())));
    }
    cut |= queries.size() > MOST;
    List<ShellText> texts = reading.shellTexts();
    for (int i = 0; i < texts.size(); i++) {
      ShellText one = texts.get(i);
      Origin inner = origin.inner(one.start(), one.end());
      shell(
          one.isVector() ? ShellReader.readArguments(one.words()) : ShellReader.read(one.text()),
          inner);
    }
  }

  private boolean full(Origin origin) {
    return origin.depth() >= DEEPEST || shells.size() + pythons.size() + programs.size() >= MOST;
  }
}
