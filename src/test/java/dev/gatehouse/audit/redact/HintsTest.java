package dev.gatehouse.audit.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

class HintsTest {
  private static final List<String> WORDS = List.of("a", "ab", "bca", "://", " -u", "cc");

  private final Hints hints = new Hints(WORDS);

  @Property
  void findsTheWordsThatATextHasWhateverTheirCase(
      @ForAll
          @StringLength(max = 12)
          @CharRange(from = 'a', to = 'c')
          @CharRange(from = 'A', to = 'C')
          @CharRange(from = '-', to = '/')
          @CharRange(from = ':', to = ':')
          @CharRange(from = 'ä', to = 'ä')
          String text) {
    // Given
    BitSet expected = new BitSet();
    for (int i = 0; i < WORDS.size(); i++) {
      expected.set(i, text.toLowerCase(Locale.ROOT).contains(WORDS.get(i)));
    }

    // When / Then
    assertEquals(expected, hints.in(text));
  }
}
