package dev.gatehouse.policy.python;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.text.Region;

/** What holds of every reading of every text: places lie inside it, and its size is bounded. */
final class PythonInvariants {
  /** Of what arguments and commands hold: so much by itself, and so many times the text. */
  private static final long FREE_CHARACTERS = 4 << 20;

  private static final long CHARACTERS_EACH = 64;
  private static final long FREE_STEPS = 600_000;
  private static final long STEPS_EACH = 8;

  private PythonInvariants() {}

  static void check(PythonReading reading) {
    int length = reading.text().length();
    for (PythonCall call : reading.calls()) {
      inside(call.start(), call.end(), length);
      for (PythonArgument argument : call.arguments()) {
        inside(argument.start(), argument.end(), length);
      }
    }
    for (PythonImport imported : reading.imports()) {
      inside(imported.start(), imported.end(), length);
    }
    for (ShellText shell : reading.shellTexts()) {
      inside(shell.start(), shell.end(), length);
      assertTrue(shell.call() >= 0 && shell.call() < reading.calls().size());
    }
    regions(reading);
    assertTrue(
        reading.steps() <= STEPS_EACH * length + FREE_STEPS, () -> "steps " + reading.steps());
    assertTrue(
        characters(reading) <= CHARACTERS_EACH * length + FREE_CHARACTERS,
        () -> "characters " + characters(reading) + " of " + length);
  }

  private static void regions(PythonReading reading) {
    int end = 0;
    for (Region region : reading.regions()) {
      assertTrue(region.start() >= end && region.end() > region.start());
      end = region.end();
    }
    assertTrue(end <= reading.text().length());
  }

  private static long characters(PythonReading reading) {
    long sum = 0;
    for (PythonCall call : reading.calls()) {
      sum += call.receiver().text().length();
      for (PythonArgument argument : call.arguments()) {
        sum += argument.value().text().length();
      }
    }
    for (ShellText shell : reading.shellTexts()) {
      sum += shell.text().length();
    }
    return sum;
  }

  private static void inside(int start, int end, int length) {
    assertTrue(
        start >= 0 && end >= start && end <= length, () -> start + ".." + end + " of " + length);
  }
}
