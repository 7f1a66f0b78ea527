package dev.gatehouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands as a script gives them: these tests have no terminal. */
class CliTest {
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

  private int run(String... arguments) {
    PrintStream out = new PrintStream(errors, true, StandardCharsets.UTF_8);
    return Cli.run(arguments, out, out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy", "audit"})
  void aCommandWithoutMoreSaysHowItIsUsed(String command) {
    assertEquals(2, run(command));
    assertTrue(errors.toString(StandardCharsets.UTF_8).contains("gatehouse " + command));
  }

  @Test
  void approvalsWantNoTerminalWhereNothingIsAsked() {
    // Nobody listens there.
    assertEquals(1, run("approvals", "list", "--url", "http://127.0.0.1:1"));
    assertTrue(errors.toString(StandardCharsets.UTF_8).startsWith("gatehouse approvals: "));
  }

  @Test
  void anUnknownCommandNamesThoseThereAre() {
    assertEquals(2, run("approve"));
    assertTrue(
        errors.toString(StandardCharsets.UTF_8).contains("approvals list|show|preview|approve"));
  }
}
