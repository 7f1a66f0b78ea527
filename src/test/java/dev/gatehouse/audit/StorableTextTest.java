package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorableTextTest {
  @Test
  void ordinaryTextIsLeftAlone() {
    String text = "wörld\n\t\u0001\uFFFF";
    assertSame(text, StorableText.of(text, 100));
  }

  @ParameterizedTest
  @CsvSource({
    "'a\0b', 'a\uFFFDb'",
    "'\uD800', '\uFFFD'",
    "'\uDC00\uD800', '\uFFFD\uFFFD'",
    "'\uD83D\uDE00', '\uD83D\uDE00'",
    "'x\uD83D', 'x\uFFFD'",
    "'\uD83Dx\uDE00', '\uFFFDx\uFFFD'"
  })
  void whatPostgresqlRefusesIsReplaced(String text, String stored) {
    assertEquals(stored, StorableText.of(text, 100));
  }

  @Test
  void aCutThroughACharacterLeavesNoHalf() {
    assertEquals("ab\uFFFD", StorableText.of("ab\uD83D\uDE00", 3));
  }

  @Property(tries = 2000)
  void anyTextBecomesStorable(
      @ForAll @CharRange(from = '\0', to = '\uFFFF') String text,
      @ForAll @IntRange(max = 40) int maxChars) {
    // When
    String stored = StorableText.of(text, maxChars);

    // Then
    assertTrue(stored.length() <= maxChars);
    assertEquals(Math.min(text.length(), maxChars), stored.length());
    assertTrue(stored.indexOf('\0') < 0);
    assertEquals(
        stored, new String(stored.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    assertEquals(stored, StorableText.of(stored, maxChars), "once is enough");
  }
}
