package dev.gatehouse.sandbox;

import io.vertx.core.buffer.Buffer;

/** What is done to a program while it runs. */
public sealed interface Steering {
  /** Bytes of input that may be on their way to one program, not taken by it yet. */
  int WINDOW_BYTES = 64 << 10;

  /**
   * More of its standard input.
   *
   * @param bytes at most {@link #WINDOW_BYTES}
   * @param last whether nothing will follow; not for a terminal
   */
  record Input(Buffer bytes, boolean last) implements Steering {}

  /** A signal: to the process and those of its group, or to the foreground of its terminal. */
  record Signal(ProcessSignal signal) implements Steering {}

  /** Its terminal gets another size. */
  record Resize(TerminalSize size) implements Steering {}
}
