package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Reason;
import dev.gatehouse.action.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The built-in policy on shell commands of every family: each line of the two files says what is to
 * become of its command, and all that turn out otherwise are named at once.
 */
class ShellCorpusTest {
  private static final int FEWEST_LINES = 150;

  private record Line(Outcome expected, String family, String command) {
    static Line of(String text) {
      String[] parts = text.split(" ", 3);
      return new Line(Outcome.valueOf(parts[0]), parts[1], parts[2]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shell-attacks.txt", "shell-work.txt"})
  void decidesAsEachLineSays(String resource) throws Exception {
    Policy policy =
        Policy.compile(new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    List<Line> lines = lines(resource);
    List<String> wrong = new ArrayList<>();
    for (Line line : lines) {
      Decision decision = decide(policy, line.command());
      if (decision.outcome() != line.expected()) {
        List<String> rules = decision.reasons().stream().map(Reason::rule).toList();
        wrong.add(
            line.family()
                + ": "
                + line.command()
                + "\n  expected "
                + line.expected()
                + ", was "
                + decision.outcome()
                + " by "
                + rules);
      }
    }
    assertTrue(lines.size() >= FEWEST_LINES, resource);
    assertEquals("", String.join("\n", wrong));
  }

  private static Decision decide(Policy policy, String command) {
    Actor actor = new Actor("t", "a", Role.AGENT);
    return policy.decide(new Action(actor, "s", "bash", Map.of("command", command), Map.of()));
  }

  private static List<Line> lines(String resource) throws IOException {
    try (InputStream in = ShellCorpusTest.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(Line::of)
          .toList();
    }
  }
}
