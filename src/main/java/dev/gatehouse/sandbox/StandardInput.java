package dev.gatehouse.sandbox;

/** What a program reads. */
public sealed interface StandardInput {
  /** A text that is there from the beginning, and then its end. */
  record Given(String text) implements StandardInput {
    public static final Given NOTHING = new Given("");
  }

  /** What is sent while it runs. */
  record Open() implements StandardInput {}

  /** What is typed on a terminal, which has its output too. */
  record Terminal(TerminalSize size) implements StandardInput {}
}
