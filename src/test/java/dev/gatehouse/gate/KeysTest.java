package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  @TempDir Path directory;

  private Configuration configuration(Map<String, String> more) throws IOException {
    Path file = Files.writeString(directory.resolve("gatehouse.yaml"), "");
    Map<String, String> environment = new java.util.HashMap<>(more);
    environment.put("GATEHOUSE_DATA", data().toString());
    return Configuration.load(file, environment);
  }

  private Path data() {
    return directory.resolve("data");
  }

  private Path file(Role role) {
    return data().resolve("keys").resolve(role.word());
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void makesOneKeyARoleForItsOwnerAlone() throws IOException {
    // When
    Keys keys = Keys.open(configuration(Map.of()));

    // Then
    assertEquals("rwx------", permissions(data().resolve("keys")));
    Set<String> made = new HashSet<>();
    for (Role role : Role.values()) {
      assertEquals("rw-------", permissions(file(role)));
      String key = Files.readString(file(role)).strip();
      assertTrue(key.matches("gh_" + role.word() + "_[A-Za-z0-9_-]{43}"), key);
      assertEquals(
          Optional.of(new Actor("default", role.word(), role)),
          keys.authenticate(key).map(Key::actor));
      made.add(key);
    }
    assertEquals(Role.values().length, made.size());
    try (var files = Files.list(data().resolve("keys"))) {
      assertEquals(Role.values().length, files.count(), "nothing else is left there");
    }
  }

  @Test
  void readsTheSameKeysAgain() throws IOException {
    // Given
    Keys.open(configuration(Map.of()));
    String key = Files.readString(file(Role.AGENT)).strip();

    // When
    Keys again = Keys.open(configuration(Map.of()));

    // Then
    assertEquals(key, Files.readString(file(Role.AGENT)).strip());
    assertEquals(
        Optional.of(Role.AGENT), again.authenticate(key).map(found -> found.actor().role()));
  }

  @Test
  void makesADeletedKeyAnewAndForgetsTheOldOne() throws IOException {
    // Given
    Keys.open(configuration(Map.of()));
    String old = Files.readString(file(Role.AGENT)).strip();
    Files.delete(file(Role.AGENT));

    // When
    Keys again = Keys.open(configuration(Map.of()));

    // Then
    assertNotEquals(old, Files.readString(file(Role.AGENT)).strip());
    assertEquals(Optional.empty(), again.authenticate(old));
  }

  @Test
  void aDraftThatACrashLeftIsNoKey() throws IOException {
    // Given
    Files.createDirectories(data().resolve("keys"));
    Path draft = Files.writeString(data().resolve("keys/.agent"), "gh_ag");

    // When
    Keys keys = Keys.open(configuration(Map.of()));

    // Then
    assertEquals(Optional.empty(), keys.authenticate("gh_ag"));
    assertTrue(Files.notExists(draft));
    assertEquals("rw-------", permissions(file(Role.AGENT)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "   ", "gh_agent_short"})
  void aFileThatHoldsNoKeyIsRefusedNotTakenAsAnEmptyOne(String content) throws IOException {
    // Given
    Keys.open(configuration(Map.of()));
    Files.writeString(file(Role.AGENT), content);

    // When
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> Keys.open(configuration(Map.of())));

    // Then
    assertTrue(
        String.valueOf(refusal.getMessage()).contains(file(Role.AGENT).toString()),
        refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "x", "gh_agent_", "\uD800", "é"})
  void nothingButAKeyIsAKey(String text) throws IOException {
    assertEquals(Optional.empty(), Keys.open(configuration(Map.of())).authenticate(text));
  }

  @Test
  void configuredHashesReplaceTheFiles() throws IOException {
    // Given: the hash of "test".
    String hash = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08";
    Map<String, String> environment =
        Map.of(
            "GATEHOUSE_HOST",
            "0.0.0.0",
            "GATEHOUSE_KEYS",
            "[{name: gateway, role: operator, tenant: blue, sha256: " + hash + "}]");

    // When
    Keys keys = Keys.open(configuration(environment));

    // Then
    assertEquals(
        Optional.of(new Actor("blue", "gateway", Role.OPERATOR)),
        keys.authenticate("test").map(Key::actor));
    assertEquals(Optional.empty(), keys.authenticate("Test"));
    assertEquals(Optional.empty(), keys.authenticate(hash));
    assertFalse(Files.exists(data()), "no file is made");
  }

  @Test
  void isRefusedWithoutKeysOnAnAddressThatOthersReach() throws IOException {
    // Given: what the configuration would have refused already.
    Configuration local = configuration(Map.of());
    Configuration open =
        new Configuration(
            "0.0.0.0",
            local.port(),
            local.data(),
            local.database(),
            local.keys(),
            local.listener(),
            local.tls(),
            local.cors(),
            local.http(),
            local.webSocket(),
            local.limits(),
            local.policy(),
            local.sandbox(),
            local.audit(),
            local.approval(),
            local.secrets(),
            local.objectives());

    // When / Then
    assertThrows(IllegalStateException.class, () -> Keys.open(open));
    assertFalse(Files.exists(data()), "no file is made");
  }
}
