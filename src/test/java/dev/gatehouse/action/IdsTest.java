package dev.gatehouse.action;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IdsTest {
  private final Ids ids = new Ids();

  @Test
  void anIdIsAUuidOfVersionSevenThatTellsItsTime() {
    // When
    long before = System.currentTimeMillis();
    UUID id = UUID.fromString(ids.next());
    long after = System.currentTimeMillis();

    // Then
    assertEquals(7, id.version());
    assertEquals(2, id.variant());
    long millis = id.getMostSignificantBits() >>> 16;
    assertTrue(before <= millis && millis <= after, id.toString());
  }

  @Test
  void theIdsOfManyMakersDiffer() {
    // When
    Set<String> made = ConcurrentHashMap.newKeySet();
    IntStream.range(0, 100)
        .parallel()
        .forEach(maker -> {
          Ids own = new Ids();
          IntStream.range(0, 1000).forEach(i -> made.add(own.next()));
        });

    // Then
    assertEquals(100_000, made.size());
  }

  @Test
  void everyBitThatShouldBeRandomIs() {
    // When
    long highOnes = 0;
    long highZeros = 0;
    long lowOnes = 0;
    long lowZeros = 0;
    for (int i = 0; i < 1000; i++) {
      UUID id = UUID.fromString(ids.next());
      highOnes |= id.getMostSignificantBits();
      highZeros |= ~id.getMostSignificantBits();
      lowOnes |= id.getLeastSignificantBits();
      lowZeros |= ~id.getLeastSignificantBits();
    }

    // Then
    assertEquals(0xFFF, highOnes & highZeros & 0xFFF);
    assertEquals(0x3FFF_FFFF_FFFF_FFFFL, lowOnes & lowZeros & 0x3FFF_FFFF_FFFF_FFFFL);
  }
}
