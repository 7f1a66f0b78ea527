package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import dev.gatehouse.action.Span;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code executed-text}: patterns that look only at what runs, or may run. */
class ExecutedTextTest {
  private static final String RULES =
      """
      reads:
        - {tools: bash, argument: command, as: shell}
        - {tools: python, argument: code, as: python}
      rules:
        - id: a
          text: x
          tools: '*'
          decision: deny
          when: {executed-text: {regex: 'evil\\.example/\\w+'}}
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "visit evil.example/x",
        "sh -c 'visit evil.example/x'",
        "echo 'visit evil.example/x' | sh",
        "echo 'visit evil.example/x' > run.sh",
        "echo 'visit evil.example/x' | tee run.sh",
        "echo 'visit evil.example/x' | sort | tee run.sh",
        "echo 'evil.example/x'; visit evil.example/x",
        "eval \"visit evil.example/x\"",
        "x='evil.example/x'; visit $x",
        "echo 'visit evil.example/x",
        "visit <<END\nevil.example/x\nEND"
      })
  void findsWhatRunsOrMayRun(String command) throws PolicyException {
    assertEquals(Outcome.DENY, decide("bash", "command", command).outcome());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'visit evil.example/x'",
        "grep -rn 'evil.example/x' docs",
        "git commit -m 'block evil.example/x'",
        "echo evil.example/x >> notes.md",
        "true # evil.example/x",
        "cat <<END\nevil.example/x\nEND"
      })
  void passesOverWhatIsData(String command) throws PolicyException {
    assertEquals(Outcome.ASK, decide("bash", "command", command).outcome());
  }

  @Test
  void goesByThePythonReaderToo() throws PolicyException {
    String print = "print('evil.example/x')";
    assertEquals(Outcome.ASK, decide("python", "code", print).outcome());
    String send = "import os\nos.system('visit evil.example/x')";
    assertEquals(Outcome.DENY, decide("python", "code", send).outcome());
  }

  @Test
  void takesTextThatNoReaderReadsAsExecuted() throws PolicyException {
    String text = "echo 'evil.example/x'";
    assertEquals(Outcome.DENY, decide("bash", "note", text).outcome());
    assertEquals(Outcome.DENY, decide("other", "command", text).outcome());
  }

  @Test
  void pointsAtTheMatchThatRuns() throws PolicyException {
    // Given a match in data before the one that runs
    String command = "echo evil.example/x; visit evil.example/y";
    // When it is decided
    Decision decision = decide("bash", "command", command);
    // Then the place is that of the second
    Span span = decision.reasons().getFirst().spans().getFirst();
    assertEquals("evil.example/y", command.substring(span.start(), span.end()));
  }

  @Test
  void staysLinearInManyRegions() throws PolicyException {
    // Given a text with very many stretches of data
    String command = "echo evil.example/x\n".repeat(9_000);
    // When it is decided, then it is within the time that any text has, and nothing of it runs
    long start = System.nanoTime();
    Outcome outcome = decide("bash", "command", command).outcome();
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertEquals(Outcome.ASK, outcome);
    assertTrue(millis < 5_000, () -> millis + " ms");
  }

  private static Decision decide(String tool, String argument, String text) throws PolicyException {
    Policy policy = Policy.compile(Map.of("p.yaml", RULES), InstantSource.system());
    Actor actor = new Actor("t", "a", Role.AGENT);
    return policy.decide(new Action(actor, "s", tool, Map.of(argument, text), Map.of()));
  }
}
