package dev.gatehouse.audit.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointKeyTest {
  @TempDir Path directory;

  private static Checkpoint checkpoint(CheckpointKey key) {
    Frontier tree = new Frontier();
    tree.add(new byte[32]);
    return key.sign(1, 1, new byte[32], tree.root(), tree.encoded(), Instant.now());
  }

  @Test
  void theKeyIsMadeOnceAndItsOwnersAlone() throws IOException {
    // When
    CheckpointKey first = CheckpointKey.open(directory);

    // Then
    assertEquals(first.id(), CheckpointKey.open(directory).id());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(directory.resolve("signing.key"))));
  }

  @Test
  void checkpointsOfARotatedKeyStayValid() throws IOException {
    // Given
    CheckpointKey old = CheckpointKey.open(directory);
    Checkpoint before = checkpoint(old);

    // When
    Files.delete(directory.resolve("signing.key"));
    CheckpointKey fresh = CheckpointKey.open(directory);

    // Then
    assertNotEquals(old.id(), fresh.id());
    assertTrue(CheckpointKey.signed(before, CheckpointKey.publicKeys(directory)));
    assertTrue(CheckpointKey.signed(checkpoint(fresh), CheckpointKey.publicKeys(directory)));
  }

  @Test
  void nothingSignedMayBeChanged() throws IOException {
    // Given
    Checkpoint signed = checkpoint(CheckpointKey.open(directory));
    var keys = CheckpointKey.publicKeys(directory);

    // Then
    assertTrue(signed.frontierFits());
    assertFalse(
        CheckpointKey.signed(
            new Checkpoint(
                1,
                2,
                signed.hash(),
                signed.root(),
                signed.frontier(),
                signed.madeAt(),
                signed.key(),
                signed.signature()),
            keys));
    assertFalse(CheckpointKey.signed(signed, Map.of()));
  }
}
