package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.List;

/** Reads shell text. Stateless; safe for use by any thread. */
public final class ShellReader {

  private ShellReader() {}

  /**
   * Reads the text of a script or of a command line. Never throws; see {@link ShellFact} for what
   * it says when it cannot read on.
   */
  public static ShellReading read(String text) {
    return read(text, Surroundings.NONE);
  }

  /** The same of a text that is run with these surroundings. */
  public static ShellReading read(String text, Surroundings around) {
    Draft draft = new Draft(text, around);
    new ListParser(draft, new Source(text, 0, 0, text.length()), Context.TOP).read(false);
    return draft.finish();
  }

  /**
   * Reads an argument vector that is run without a shell, such as {@code subprocess.run(["rm",
   * "-rf", "/"])}. Wrappers are peeled as in text. The reading's text is the words joined by
   * blanks.
   */
  public static ShellReading readArguments(List<String> arguments) {
    return readArguments(arguments, Surroundings.NONE);
  }

  /** The same of a vector that is run with these surroundings. */
  public static ShellReading readArguments(List<String> arguments, Surroundings around) {
    String text = String.join(" ", arguments);
    Draft draft = new Draft(text, around);
    List<Word> words = new ArrayList<>(arguments.size());
    int at = 0;
    for (String argument : arguments) {
      int end = at + argument.length();
      boolean known = argument.indexOf(Word.HOLE) < 0;
      words.add(new Word(argument, known, true, false, -1, -1, at, end));
      at = end + 1;
    }
    if (words.size() > Draft.MAX_WORDS) {
      draft.facts |= Bits.of(ShellFact.LIMIT_REACHED);
      draft.canvas.paint(0, text.length(), Use.UNKNOWN);
      return draft.finish();
    }
    if (!words.isEmpty()) {
      draft.steps += text.length();
      draft.interpreter.command(
          words.get(0),
          words.subList(1, words.size()),
          List.of(),
          List.of(),
          draft.pipeline(-1, -1, Joint.FIRST, false),
          0,
          Context.TOP,
          0,
          0,
          text.length(),
          true,
          false,
          0);
    }
    return draft.finish();
  }
}
