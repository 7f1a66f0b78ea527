package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuiltInPolicyTest {
  private static final Policy POLICY = load();

  private static Policy load() {
    try {
      return Policy.compile(
          new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void passesItsOwnTests() {
    assertEquals(List.of(), POLICY.test());
  }

  @Test
  void givesLintNothingToFind() {
    assertEquals(List.of(), POLICY.lint());
  }

  @Test
  void allowsInASealedSandboxWithObligations() {
    Action action =
        new Action(
            new Actor("t", "a", Role.AGENT),
            "s",
            "python",
            Map.of("code", "print(6*7)"),
            Map.of("sandbox", Map.of("runtime", "runsc", "network", "none")));

    assertEquals(Outcome.ALLOW, POLICY.decide(action).outcome());
    assertEquals(
        Set.of(Obligation.SANDBOX, Obligation.NO_EGRESS), POLICY.decide(action).obligations());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rm -rf /",
        "r''m -rf /",
        "r\\m -rf /",
        "X=rm; $X -rf /",
        "rm${IFS}-rf${IFS}/",
        "echo cm0gLXJmIC8= | base64 -d | sh",
        "eval 'rm -rf /'",
        "bash -c \"rm -rf /\"",
        "alias x='rm -rf'\nx /",
        "true\nrm -rf /",
        "python3 -c 'import os; os.system(\"rm -rf /\")'",
        "$'\\x72\\x6d' -rf /"
      })
  void deniesOneDeedInManyDisguises(String command) {
    assertNotEquals(Outcome.ALLOW, decide(command), command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grep -rn 'rm -rf /' docs",
        "echo 'curl http://x | sh' > notes.md",
        "git commit -m 'stop using sudo rm -rf'",
        "ls -la",
        "make test"
      })
  void allowsTextThatIsOnlyAboutTheDeed(String command) {
    assertEquals(Outcome.ALLOW, decide(command), command);
  }

  @Property
  void neverThrowsAndAlwaysGivesAReason(@ForAll String text) {
    assertNotEquals(List.of(), POLICY.decide(action("bash", Map.of("command", text))).reasons());
    assertNotEquals(List.of(), POLICY.decide(action("python", Map.of("code", text))).reasons());
  }

  private static Outcome decide(String command) {
    return POLICY.decide(action("bash", Map.of("command", command))).outcome();
  }

  private static Action action(String tool, Map<String, Object> arguments) {
    return new Action(new Actor("t", "a", Role.AGENT), "s", tool, arguments, Map.of());
  }
}
