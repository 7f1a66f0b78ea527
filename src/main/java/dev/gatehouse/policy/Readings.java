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
import dev.gatehouse.policy.shell.Surroundings;
import dev.gatehouse.policy.sql.SqlReader;
import dev.gatehouse.policy.sql.SqlReading;
import dev.gatehouse.policy.sql.SqlStatement;
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

  /**
   * So many characters of PowerShell and cmd, in both their forms, are read: several rules search
   * all of them, at some 5 ns a character each.
   */
  private static final int MOST_WINDOWS_CHARS = 1 << 19;

  final List<Shell> shells = new ArrayList<>(2);
  final List<Python> pythons = new ArrayList<>(2);
  final List<Program> programs = new ArrayList<>(2);

  /** How many of the programs came from a text that counts already. */
  private int more;

  private int windowsChars;

  /** With what the texts are run that are read now. */
  Surroundings around = Surroundings.NONE;

  /** Whether some text was too deep or too long, there were too many, or one was no text. */
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
    switch (language) {
      case PYTHON -> python(text, origin);
      case SQL -> sql(text, origin);
      case POWERSHELL, CMD -> windows(language, text, origin);
      default -> programs.add(new Program(language, text, origin));
    }
  }

  /** Each statement is a program of its own, so that rules see no further than it goes. */
  private void sql(String text, Origin origin) {
    SqlReading reading = SqlReader.read(text);
    cut |= reading.cut();
    List<SqlStatement> statements = reading.statements();
    more += Math.max(0, statements.size() - 1);
    for (int i = 0; i < statements.size(); i++) {
      SqlStatement one = statements.get(i);
      programs.add(new Program(Language.SQL, one.text(), origin.inner(one.start(), one.end())));
    }
  }

  /** As it is written, and once more without what only disguises it. */
  private void windows(Language language, String text, Origin origin) {
    String written = windowsWithin(text);
    programs.add(new Program(language, written, origin));
    String plain = WindowsText.plain(language, written);
    if (!plain.equals(written)) {
      more++;
      programs.add(new Program(language, windowsWithin(plain), origin.inner(0, text.length())));
    }
  }

  private String windowsWithin(String text) {
    int left = MOST_WINDOWS_CHARS - windowsChars;
    cut |= text.length() > left;
    String within = text.substring(0, Math.min(left, text.length()));
    windowsChars += within.length();
    return within;
  }

  void shell(String text, Origin origin) {
    shell(ShellReader.read(text, around), origin);
  }

  void arguments(List<String> words, Origin origin) {
    shell(ShellReader.readArguments(words, around), origin);
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
      sql(one.text(), origin.inner(one.start(), one.end()));
    }
    cut |= queries.size() > MOST;
    List<ShellText> texts = reading.shellTexts();
    for (int i = 0; i < texts.size(); i++) {
      ShellText one = texts.get(i);
      Origin inner = origin.inner(one.start(), one.end());
      shell(
          one.isVector()
              ? ShellReader.readArguments(one.words(), around)
              : ShellReader.read(one.text(), around),
          inner);
    }
  }

  private boolean full(Origin origin) {
    int texts = shells.size() + pythons.size() + programs.size() - more;
    return origin.depth() >= DEEPEST || texts >= MOST;
  }
}
