package dev.gatehouse.audit.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MerkleTest {
  private final Merkle merkle = new Merkle();

  private List<byte[]> leaves(int count) {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leaves.add(merkle.leaf(entry(i)));
    }
    return leaves;
  }

  private static byte[] entry(int i) {
    return ("entry " + i).getBytes(StandardCharsets.US_ASCII);
  }

  /** The tree heads of the eight entries that Certificate Transparency's own tests use. */
  @Test
  void givesTheRootsOfCertificateTransparency() {
    // Given
    HexFormat hex = HexFormat.of();
    List<byte[]> leaves = new ArrayList<>();
    for (String entry :
        List.of(
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f")) {
      leaves.add(merkle.leaf(hex.parseHex(entry)));
    }

    // Then
    assertEquals(
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        hex.formatHex(merkle.root(leaves)));
    assertEquals(
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        hex.formatHex(leaves.get(0)));
    assertEquals(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        hex.formatHex(merkle.root(List.of())));
  }

  @Property(tries = 200)
  void theFrontierHasTheSameRootAndSurvivesItsEncoding(
      @ForAll @IntRange(max = 70) int first, @ForAll @IntRange(max = 70) int more) {
    // Given
    Frontier frontier = new Frontier();
    for (int i = 0; i < first; i++) {
      frontier.add(entry(i));
    }

    // When
    Frontier resumed = Frontier.of(first, frontier.encoded());
    for (int i = first; i < first + more; i++) {
      resumed.add(entry(i));
    }

    // Then
    assertArrayEquals(merkle.root(leaves(first)), frontier.root());
    assertArrayEquals(merkle.root(leaves(first + more)), resumed.root());
  }

  @Property(tries = 500)
  void provesInclusionOfEachLeafAndOfNoOther(
      @ForAll @IntRange(min = 1, max = 70) int size, @ForAll @IntRange(max = 69) int any) {
    // Given
    int leaf = any % size;
    List<byte[]> leaves = leaves(size);
    byte[] root = merkle.root(leaves);

    // When
    List<byte[]> proof = merkle.inclusion(leaf, leaves);

    // Then
    assertTrue(merkle.includes(leaf, leaves.get(leaf), size, root, proof));
    assertFalse(merkle.includes(leaf, merkle.leaf(entry(-1)), size, root, proof));
    assertFalse(merkle.includes(leaf + size, leaves.get(leaf), size, root, proof));
    if (size > 1) {
      assertFalse(merkle.includes((leaf + 1) % size, leaves.get(leaf), size, root, proof));
      assertFalse(
          merkle.includes(leaf, leaves.get(leaf), size, root, proof.subList(1, proof.size())));
    }
  }

  @Property(tries = 500)
  void provesThatATreeContinuesAnother(
      @ForAll @IntRange(max = 70) int old, @ForAll @IntRange(max = 70) int more) {
    // Given
    List<byte[]> leaves = leaves(old + more);
    byte[] oldRoot = merkle.root(leaves.subList(0, old));
    byte[] newRoot = merkle.root(leaves);

    // When
    List<byte[]> proof = merkle.consistency(old, leaves);

    // Then
    assertTrue(merkle.extend(old, oldRoot, old + more, newRoot, proof));
    if (old > 0) {
      assertFalse(merkle.extend(old, merkle.leaf(oldRoot), old + more, newRoot, proof));
    }
    if (old > 0 && more > 0) {
      assertFalse(merkle.extend(old, oldRoot, old + more, merkle.leaf(newRoot), proof));
    }
  }

  @Test
  void refusesAFrontierOfAnotherSize() {
    assertThrows(IllegalArgumentException.class, () -> Frontier.of(3, new byte[32]));
  }
}
