package dev.gatehouse.policy.match;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SearchPatternTest {
  @Test
  void searchesUnlessItsAuthorAnchorsIt() {
    assertTrue(SearchPattern.compile("rm -rf").found("cd x && rm -rf /"));
    assertFalse(SearchPattern.compile("^rm -rf").found("cd x && rm -rf /"));
  }

  @Test
  void refusesWhatCannotRunInLinearTime() {
    assertThrows(IllegalArgumentException.class, () -> SearchPattern.compile("^(?!pypi$)"));
    assertThrows(IllegalArgumentException.class, () -> SearchPattern.compile("(a)\\1"));
    assertThrows(IllegalArgumentException.class, () -> SearchPattern.compile("("));
  }

  @Test
  void refusesAPatternThatMatchesEverything() {
    assertThrows(IllegalArgumentException.class, () -> SearchPattern.compile("a*"));
  }

  @Test
  void knowsWhichWordsAMatchMustContain() {
    assertEquals(Set.of("curl"), SearchPattern.compile("\\bcurl\\b.*\\|").literals());
    assertEquals(Set.of("curl", "wget"), SearchPattern.compile("(?i)(CURL|wget)\\s").literals());
    assertEquals(Set.of(), SearchPattern.compile("[0-9]{4}").literals());
    assertEquals(Set.of("bc"), SearchPattern.compile("a?bc+").literals());
  }
}
