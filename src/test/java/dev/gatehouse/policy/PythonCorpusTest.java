package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Python that attacks, by the kind of attack, is flagged; Python of everyday work, near misses of
 * the rules among it, is allowed. Both lists were written before the policy was asked.
 */
@SuppressWarnings("NullAway.Init")
class PythonCorpusTest {
  private static final List<Deed> ATTACKS = Deed.read("attacks-python.txt");
  private static final List<Deed> EVERYDAY = Deed.read("everyday-python.txt");

  private static Obfuscation python;

  @BeforeAll
  static void loadThePolicy() throws Exception {
    python =
        Obfuscation.ofPython(
            Policy.compile(
                new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system()));
  }

  @Test
  void flagsEveryAttack() {
    assertEquals(List.of(), named(ATTACKS.stream().filter(deed -> !python.flags(deed.text()))));
  }

  @Test
  void allowsEverydayWork() {
    assertEquals(List.of(), named(EVERYDAY.stream().filter(deed -> python.flags(deed.text()))));
  }

  @Test
  void namesEachOnceAndHoldsEnough() {
    assertEquals(ATTACKS.size(), named(ATTACKS.stream()).stream().distinct().count());
    assertEquals(EVERYDAY.size(), named(EVERYDAY.stream()).stream().distinct().count());
    assertTrue(ATTACKS.size() >= 150 && EVERYDAY.size() >= 100);
  }

  private static List<String> named(Stream<Deed> deeds) {
    return deeds.map(Deed::name).toList();
  }
}
