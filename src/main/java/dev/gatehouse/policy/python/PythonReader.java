package dev.gatehouse.policy.python;

/** Reads Python text. Stateless; safe for use by any thread. */
public final class PythonReader {

  private PythonReader() {}

  /**
   * Reads the text of a program or a snippet. Never throws; see {@link PythonFact} for what it says
   * when it cannot read on.
   */
  public static PythonReading read(String text) {
    return Program.read(text);
  }
}
