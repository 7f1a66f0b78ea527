package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesTest {
  private static final String ALLOW = "rules: [{id: a, text: x, tools: t, decision: allow}]\n";
  private static final String DENY = "rules: [{id: a, text: x, tools: t, decision: deny}]\n";
  private static final String FAILING =
      "rules: [{id: a, text: x, tools: t, decision: deny, when: {argument: x, equals: y}, tests:"
          + " {match: [{tool: t}]}}]\n";

  @TempDir Path folder;

  @BeforeEach
  void writePolicy() throws IOException {
    Files.writeString(folder.resolve("p.yaml"), ALLOW);
  }

  @Test
  void keepsTheGoodPolicyWhenTheNewOneIsBad() throws Exception {
    Policies policies = Policies.load(folder);
    Policy good = policies.active();
    Files.writeString(folder.resolve("p.yaml"), "rules: [{id: a}]\n");

    assertThrows(PolicyException.class, policies::reload);

    assertSame(good, policies.active());
  }

  @Test
  void keepsTheGoodPolicyWhenTheNewOneFailsItsOwnTests() throws Exception {
    Policies policies = Policies.load(folder);

    PolicyException failure =
        assertThrows(PolicyException.class, () -> policies.activate(Map.of("p.yaml", FAILING)));

    assertTrue(failure.problems().getFirst().found().startsWith("test: "));
    assertEquals(1, policies.versions().size());
  }

  @Test
  void reloadsOnceWhenAFileChanges() throws Exception {
    Policies policies = Policies.load(folder);
    String before = policies.active().digest();
    Files.writeString(folder.resolve("q.yaml"), DENY.replace("id: a", "id: b"));

    assertTrue(policies.reloadIfChanged());
    assertFalse(policies.reloadIfChanged());
    assertNotEquals(before, policies.active().digest());
  }

  @Test
  void rollsBackAndActivatesByDigest() throws Exception {
    Policies policies = Policies.load(folder);
    Policy first = policies.active();
    Policy second = policies.activate(Map.of("p.yaml", DENY));

    assertSame(first, policies.rollback());
    assertThrows(IllegalStateException.class, policies::rollback);
    assertSame(second, policies.activate(second.digest()));
    assertThrows(IllegalArgumentException.class, () -> policies.activate("sha256:unknown"));
  }

  @Test
  void givesTheSameContentTheSameDigest() throws Exception {
    Policies policies = Policies.load(folder);

    assertEquals(policies.active().digest(), policies.check(Map.of("p.yaml", ALLOW)).digest());
    assertNotEquals(policies.active().digest(), policies.check(Map.of("q.yaml", ALLOW)).digest());
  }
}
