package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.config.ConfigException;
import dev.gatehouse.config.ConfigurationFile;
import dev.gatehouse.gate.Keys.Changed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that are read again while the server runs. */
class KeySourceTest {
  @TempDir Path directory;

  private Path file = Path.of("");
  private ConfigurationFile configuration = new ConfigurationFile(file, Map.of());

  @BeforeEach
  void placeFile() {
    file = directory.resolve("gatehouse.yaml");
    configuration =
        new ConfigurationFile(file, Map.of("GATEHOUSE_DATA", directory.resolve("data").toString()));
  }

  private static String entry(String name, String role, String secret) {
    return "{name: %s, role: %s, sha256: %s}"
        .formatted(name, role, HexFormat.of().formatHex(Keys.sha256(secret)));
  }

  private void write(String... entries) throws IOException {
    Files.writeString(file, "keys: [" + String.join(", ", entries) + "]\n");
  }

  private KeySource source() {
    return new KeySource(configuration.load(), configuration);
  }

  /** A change is taken when it was seen twice. */
  private static Optional<List<Key>> look(KeySource source) throws IOException {
    source.readIfChanged();
    return source.readIfChanged();
  }

  private static List<String> told(List<Changed> changes) {
    return changes.stream().map(one -> one.change() + " " + one.key().actor().name()).toList();
  }

  @Test
  void whatIsUnchangedIsReadOnce() throws IOException {
    // Given
    write(entry("a", "agent", "secret-a"));
    KeySource source = source();
    Keys keys = Keys.open(source);

    // When
    List<Changed> changes = keys.replace(look(source).orElseThrow());

    // Then
    assertEquals(List.of(), changes);
    assertEquals(Optional.empty(), look(source));
  }

  @Test
  void addedKeysAreKnownAndRemovedOnesAreNot() throws IOException {
    // Given
    write(entry("a", "agent", "secret-a"), entry("b", "agent", "secret-b"));
    KeySource source = source();
    Keys keys = Keys.open(source);
    look(source);
    Key kept = keys.authenticate("secret-b").orElseThrow();

    // When
    write(entry("b", "agent", "secret-b"), entry("c", "agent", "secret-c"));
    List<Changed> changes = keys.replace(look(source).orElseThrow());

    // Then
    assertEquals(List.of("ADDED c", "REMOVED a"), told(changes));
    assertTrue(keys.authenticate("secret-a").isEmpty());
    assertTrue(keys.authenticate("secret-c").isPresent());
    assertEquals(Optional.of(kept), keys.authenticate("secret-b"));
    assertFalse(kept.isRemoved());
  }

  @Test
  void aKeyThatIsReplacedUnderItsNameIsGone() throws IOException {
    // Given
    write(entry("a", "agent", "secret-a"));
    KeySource source = source();
    Keys keys = Keys.open(source);
    look(source);

    // When
    write(entry("a", "agent", "secret-new"));
    List<Changed> changes = keys.replace(look(source).orElseThrow());

    // Then
    assertEquals(List.of("CHANGED a"), told(changes));
    assertTrue(keys.authenticate("secret-a").isEmpty());
    assertTrue(keys.authenticate("secret-new").isPresent());
  }

  @Test
  void whatIsOpenUnderAKeyEndsWithIt() throws IOException {
    // Given
    write(entry("a", "agent", "secret-a"));
    KeySource source = source();
    Keys keys = Keys.open(source);
    look(source);
    Key key = keys.authenticate("secret-a").orElseThrow();
    AtomicInteger ended = new AtomicInteger();
    AtomicInteger closed = new AtomicInteger();
    Runnable gone = closed::incrementAndGet;
    key.opened(ended::incrementAndGet);
    key.opened(gone);
    key.closed(gone);

    // When
    write(entry("a", "operator", "secret-a"));
    keys.replace(look(source).orElseThrow());

    // Then
    assertTrue(key.isRemoved());
    assertEquals(1, ended.get());
    assertEquals(0, closed.get());
    key.opened(ended::incrementAndGet);
    assertEquals(2, ended.get(), "what comes too late ends at once");
  }

  @Test
  void aFileIsNotTakenWhileItChanges() throws IOException {
    // Given
    write(entry("a", "agent", "secret-a"));
    KeySource source = source();
    Keys.open(source);
    look(source);

    // When
    write(entry("b", "agent", "secret-b"));
    Optional<List<Key>> first = source.readIfChanged();
    write(entry("b", "agent", "secret-b"), entry("c", "agent", "secret-c"));
    Optional<List<Key>> second = source.readIfChanged();
    Optional<List<Key>> third = source.readIfChanged();

    // Then
    assertEquals(Optional.empty(), first);
    assertEquals(Optional.empty(), second);
    assertEquals(2, third.orElseThrow().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "keys: []", "port: 1", "keys: [{name: a, role: agent}]", "keys: [{"})
  void aFileThatCannotBeUsedReplacesNothingAndIsToldOnce(String text) throws IOException {
    // Given
    write(entry("a", "agent", "secret-a"));
    KeySource source = source();
    Keys keys = Keys.open(source);
    look(source);

    // When
    Files.writeString(file, text);
    RuntimeException refusal = assertThrows(RuntimeException.class, () -> look(source));

    // Then
    assertTrue(
        refusal instanceof ConfigException || refusal instanceof IllegalStateException,
        refusal.toString());
    assertEquals(Optional.empty(), look(source));
    assertTrue(keys.authenticate("secret-a").isPresent());
    write(entry("b", "agent", "secret-b"));
    assertEquals(1, look(source).orElseThrow().size());
  }

  @Test
  void keysThatWereConfiguredSinceTheStartDoNotGiveWayToMadeOnesEither() throws IOException {
    // Given
    Files.writeString(file, "");
    KeySource source = source();
    Keys keys = Keys.open(source);
    look(source);
    write(entry("a", "agent", "secret-a"));
    keys.replace(look(source).orElseThrow());

    // When
    Files.writeString(file, "");

    // Then
    assertThrows(IllegalStateException.class, () -> look(source));
  }

  @Test
  void aFileThatIsAwayReplacesNothing() throws IOException {
    // Given
    write(entry("a", "agent", "secret-a"));
    KeySource source = source();
    Keys.open(source);
    look(source);

    // When
    Files.delete(file);

    // Then
    assertThrows(ConfigException.class, () -> look(source));
  }

  @Test
  void aMadeKeyIsMadeAnewWhenItsFileIsDeleted() throws IOException {
    // Given
    Files.writeString(file, "");
    KeySource source = source();
    Keys keys = Keys.open(source);
    look(source);
    Path agent = directory.resolve("data/keys/agent");
    String before = Files.readString(agent).strip();

    // When
    Files.delete(agent);
    List<Changed> changes = keys.replace(look(source).orElseThrow());

    // Then
    assertEquals(List.of("CHANGED agent"), told(changes));
    assertTrue(keys.authenticate(before).isEmpty());
    assertTrue(keys.authenticate(Files.readString(agent).strip()).isPresent());
    try (Stream<Path> files = Files.list(agent.getParent())) {
      assertEquals(4, files.count(), "and nothing else is left there");
    }
  }
}
