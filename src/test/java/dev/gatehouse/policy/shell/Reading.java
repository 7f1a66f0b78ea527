package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.List;

/** A reading in the short words of these tests. */
record Reading(ShellReading reading) {
  static Reading of(String text) {
    return new Reading(ShellReader.read(text));
  }

  /**
   * Each command as its name and arguments with bars between them; {@code ?} for a hole, {@code -}
   * for no name.
   */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (ShellCommand command : reading.commands()) {
      StringBuilder line = new StringBuilder(command.name() == null ? "-" : command.name());
      for (Word word : command.arguments()) {
        line.append('|').append(word.value());
      }
      lines.add(line.toString().replace(Word.HOLE, '?'));
    }
    return lines;
  }

  boolean runs(String line) {
    return lines().contains(line);
  }

  ShellCommand command(String name) {
    for (ShellCommand command : reading.commands()) {
      if (command.baseName().equals(name)) {
        return command;
      }
    }
    throw new AssertionError("no command " + name + " in " + lines());
  }

  int indexOf(String name) {
    return reading.commands().indexOf(command(name));
  }

  boolean has(ShellFact fact) {
    return reading.has(fact);
  }

  Use useOf(String part) {
    int at = reading.text().indexOf(part);
    return reading.use(at, at + part.length());
  }
}
