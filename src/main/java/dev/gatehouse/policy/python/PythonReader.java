package dev.gatehouse.policy.python;

import java.util.List;
import java.util.Set;

/** Reads Python text. Stateless; safe for use by any thread. */
public final class PythonReader {

  private PythonReader() {}

  /**
   * Reads the text of a program or a snippet. Never throws; see {@link PythonFact} for what it says
   * when it cannot read on.
   */
  public static PythonReading read(String text) {
    return new PythonReading(
        text,
        List.of(),
        List.of(),
        List.of(),
        Set.of(),
        List.of(),
        List.of(),
        Set.of(PythonFact.INCOMPLETE),
        0);
  }
}
