package dev.gatehouse.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints page by page where a person reads, else all at once. */
final class Pager {
  private static final int PAGE_LINES = 40;

  private final PrintStream out;
  private final @Nullable BufferedReader terminal;

  Pager(PrintStream out, @Nullable BufferedReader terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  void print(List<String> lines) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      if (terminal != null && i > 0 && i % PAGE_LINES == 0) {
        out.print("-- line " + i + " of " + lines.size() + ", Enter for more --");
        out.flush();
        terminal.readLine();
      }
      out.println(lines.get(i));
    }
  }
}
