package dev.gatehouse.policy.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.text.Region;

/** What holds of every reading of every text: places lie inside it, and its size is bounded. */
final class ShellInvariants {
  /** Of what words and programs hold: so much by itself, and so many times the text. */
  private static final long FREE_CHARACTERS = 4 << 20;

  private static final long CHARACTERS_EACH = 64;
  private static final long FREE_STEPS = 600_000;
  private static final long STEPS_EACH = 8;

  private ShellInvariants() {}

  static void check(ShellReading reading) {
    commands(reading);
    regions(reading);
    flows(reading);
    int length = reading.text().length();
    for (Embedded embedded : reading.embedded()) {
      inside(embedded.start(), embedded.end(), length);
    }
    assertTrue(
        reading.steps() <= STEPS_EACH * length + FREE_STEPS, () -> "steps " + reading.steps());
    assertTrue(
        characters(reading) <= CHARACTERS_EACH * length + FREE_CHARACTERS,
        () -> "characters " + characters(reading) + " of " + length);
  }

  private static void commands(ShellReading reading) {
    int length = reading.text().length();
    int count = reading.commands().size();
    for (ShellCommand command : reading.commands()) {
      inside(command.start(), command.end(), length);
      for (Word word : command.arguments()) {
        inside(word.start(), word.end(), length);
        assertEquals(word.known(), word.value().indexOf(Word.HOLE) < 0);
      }
      for (Redirection redirection : command.redirections()) {
        inside(redirection.target().start(), redirection.target().end(), length);
      }
      assertTrue(command.wrapper() < count);
      assertTrue(command.pipeline() >= 0 && command.pipeline() < reading.pipelines().size());
      assertTrue(command.position() < reading.pipelines().get(command.pipeline()).length());
    }
  }

  private static void regions(ShellReading reading) {
    int end = 0;
    for (Region region : reading.regions()) {
      assertTrue(region.start() >= end && region.end() > region.start(), region::toString);
      end = region.end();
    }
    assertTrue(end <= reading.text().length());
  }

  private static void flows(ShellReading reading) {
    int count = reading.commands().size();
    for (Flow flow : reading.flows()) {
      assertTrue(flow.from() >= 0 && flow.from() < count && flow.to() >= 0 && flow.to() < count);
    }
    for (int i = 0; i < Math.min(count, 6); i++) {
      for (int k = 0; k < Math.min(count, 6); k++) {
        reading.flows(i, k);
      }
    }
  }

  private static long characters(ShellReading reading) {
    long sum = 0;
    for (ShellCommand command : reading.commands()) {
      for (Word word : command.arguments()) {
        sum += word.value().length();
      }
    }
    for (Embedded embedded : reading.embedded()) {
      sum += embedded.text().length();
    }
    return sum;
  }

  private static void inside(int start, int end, int length) {
    assertTrue(
        start >= 0 && end >= start && end <= length, () -> start + ".." + end + " of " + length);
  }
}
