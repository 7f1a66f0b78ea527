package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One contract for both places that keep versions, and what only the disk can do. */
@SuppressWarnings("NullAway.Init")
class VersionStoreTest {
  private static final Map<String, String> ONE = Map.of("a.yaml", "policy: a\n", "b.yaml", "é\n");
  private static final Map<String, String> TWO = Map.of("a.yaml", "policy: b\n");
  private static final String FIRST = PolicyDigest.of(new TreeMap<>(ONE));
  private static final String SECOND = PolicyDigest.of(new TreeMap<>(TWO));

  @TempDir Path folder;

  private VersionStore store(boolean disk) throws IOException {
    return disk ? VersionsOnDisk.open(folder) : new VersionsInMemory();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givesBackWhatItKeeps(boolean disk) throws Exception {
    // Given
    VersionStore store = store(disk);
    assertNull(store.standing());
    Standing standing = new Standing(SECOND, FIRST, List.of(FIRST), List.of(FIRST, SECOND));

    // When
    store.keep(FIRST, ONE);
    store.keep(SECOND, TWO);
    store.keep(SECOND, TWO);
    store.write(standing);

    // Then
    assertEquals(ONE, store.read(FIRST));
    assertEquals(TWO, store.read(SECOND));
    assertEquals(standing, store.standing());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void forgetsVersionsThatAreNotNamedAnyMore(boolean disk) throws Exception {
    // Given
    VersionStore store = store(disk);
    store.keep(FIRST, ONE);
    store.keep(SECOND, TWO);

    // When
    store.write(new Standing(SECOND, SECOND, List.of(), List.of(SECOND)));

    // Then
    assertThrows(IOException.class, () -> store.read(FIRST));
    assertEquals(TWO, store.read(SECOND));
  }

  @Test
  void isThereForTheNextProcess() throws Exception {
    // Given
    VersionStore store = store(true);
    Standing standing = new Standing(FIRST, FIRST, List.of(), List.of(FIRST));
    store.keep(FIRST, ONE);
    store.write(standing);
    Files.writeString(folder.resolve(".draft"), "of a process that was killed");

    // When
    VersionStore next = store(true);

    // Then
    assertEquals(standing, next.standing());
    assertEquals(ONE, next.read(FIRST));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gatehouse", "@half", "@flipped"})
  void refusesADamagedStanding(String damage) throws Exception {
    // Given
    VersionStore store = store(true);
    store.keep(FIRST, ONE);
    store.write(new Standing(FIRST, FIRST, List.of(), List.of(FIRST)));
    Path file = folder.resolve("active");
    String text = Files.readString(file);
    Files.writeString(
        file,
        switch (damage) {
          case "@half" -> text.substring(0, text.length() / 2);
          case "@flipped" -> text.replaceFirst("active sha256:.", "active sha256:x");
          default -> damage;
        });

    // When
    IOException refusal = assertThrows(IOException.class, store::standing);

    // Then
    assertTrue(String.valueOf(refusal.getMessage()).contains("damaged"), refusal::toString);
  }

  @Test
  void refusesADamagedVersionAndKeepsItAnew() throws Exception {
    // Given
    VersionStore store = store(true);
    store.keep(FIRST, ONE);
    Path file = folder.resolve(FIRST.substring("sha256:".length())).resolve("a.yaml");
    Files.writeString(file, "policy: c\n");

    // When
    assertThrows(IOException.class, () -> store.read(FIRST));
    store.keep(FIRST, ONE);

    // Then
    assertEquals(ONE, store.read(FIRST));
  }

  @Test
  void leavesNothingOutsideItsFolder() throws Exception {
    // Given
    Path inner = folder.resolve("versions");
    VersionStore store = VersionsOnDisk.open(inner);

    // When
    assertThrows(IOException.class, () -> store.keep(FIRST, Map.of("../x.yaml", "policy: x\n")));
    assertThrows(IOException.class, () -> store.read("sha256:../.."));

    // Then
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(inner), files.toList());
    }
  }
}
