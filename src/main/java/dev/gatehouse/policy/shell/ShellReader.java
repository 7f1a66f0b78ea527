package dev.gatehouse.policy.shell;

import java.util.List;
import java.util.Set;

/** Reads shell text. Stateless; safe for use by any thread. */
public final class ShellReader {

  private ShellReader() {}

  /**
   * Reads the text of a script or of a command line. Never throws; see {@link ShellFact} for what
   * it says when it cannot read on.
   */
  public static ShellReading read(String text) {
    return new ShellReading(
        text,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Set.of(ShellFact.INCOMPLETE),
        0);
  }

  /**
   * Reads an argument vector that is run without a shell, such as {@code subprocess.run(["rm",
   * "-rf", "/"])}. Wrappers are peeled as in text.
   */
  public static ShellReading readArguments(List<String> words) {
    return read(String.join(" ", words));
  }
}
