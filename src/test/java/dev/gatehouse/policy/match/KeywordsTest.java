package dev.gatehouse.policy.match;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class KeywordsTest {
  @Test
  void findsWordsInsideAndBehindOtherWords() {
    // Given
    Keywords keywords = Keywords.of(List.of("he", "she", "hers", "usher"));
    // When
    List<Integer> found = find(keywords, "USHERS");
    // Then
    assertEquals(List.of(0, 1, 2, 3), found);
  }

  @Test
  void refusesWordsItCannotIndex() {
    assertThrows(IllegalArgumentException.class, () -> Keywords.of(List.of("")));
    assertThrows(IllegalArgumentException.class, () -> Keywords.of(List.of("é")));
  }

  @Test
  void findsAWordWhereverItStandsInALongText() {
    // Given
    Keywords keywords = Keywords.of(List.of("usher", "x"));
    for (int length = 5; length <= 200; length++) {
      for (int at = 0; at + 5 <= length; at++) {
        String text = ".".repeat(at) + "usher" + ".".repeat(length - at - 5);
        // When
        List<Integer> found = find(keywords, text);
        // Then
        assertEquals(List.of(0), found, text);
      }
    }
  }

  @Property
  void findsExactlyTheWordsThatATextContains(
      @ForAll @Size(min = 1, max = 12)
          List<@StringLength(min = 1, max = 4) @CharRange(from = 'a', to = 'd') String> words,
      @ForAll @StringLength(max = 80) @CharRange(from = 'A', to = 'e') String text) {
    // Given
    Keywords keywords = Keywords.of(words);
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (text.toLowerCase(Locale.ROOT).contains(words.get(i))) {
        expected.add(i);
      }
    }
    // When
    List<Integer> found = find(keywords, text);
    // Then
    assertEquals(expected, found);
  }

  private static List<Integer> find(Keywords keywords, String text) {
    long[] bits = new long[(keywords.size() + 63) >> 6];
    keywords.find(text, bits);
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < keywords.size(); i++) {
      if ((bits[i >> 6] & 1L << i) != 0) {
        found.add(i);
      }
    }
    return found;
  }
}
