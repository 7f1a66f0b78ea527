package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class RuntimeChoiceTest {
  @Test
  void gvisorIsTheRuntimeWithoutANetworkIfThereIsOne() {
    assertEquals(
        "runsc-none",
        Sandboxes.runtimeAmong(Set.of("runc", "runsc", "runsc-none", "runsc-host"), "gvisor"));
  }

  @Test
  void gvisorIsElseRunsc() {
    assertEquals("runsc", Sandboxes.runtimeAmong(Set.of("runc", "runsc"), "gvisor"));
  }

  @Test
  void withoutGvisorTheRefusalNamesWhatMendsIt() {
    // When
    SandboxException refusal =
        assertThrows(
            SandboxException.class,
            () -> Sandboxes.runtimeAmong(Set.of("runc", "runsc-host"), "gvisor"));

    // Then
    String message = String.valueOf(refusal.getMessage());
    assertEquals(SandboxException.Kind.ENGINE, refusal.kind());
    assertTrue(message.contains("no gVisor runtime"), message);
    assertTrue(message.contains("register runsc"), message);
    assertTrue(message.contains("sandbox.runtime: runc"), message);
  }

  @Test
  void aNameIsTakenAtItsWordAndNothingElseInItsStead() {
    assertEquals("runc", Sandboxes.runtimeAmong(Set.of("runc", "runsc"), "runc"));
    assertEquals("mine", Sandboxes.runtimeAmong(Set.of("runc", "mine"), "mine"));
    SandboxException refusal =
        assertThrows(SandboxException.class, () -> Sandboxes.runtimeAmong(Set.of("runc"), "runsc"));
    assertEquals("sandbox.runtime is runsc, the engine has [runc]", refusal.getMessage());
  }
}
