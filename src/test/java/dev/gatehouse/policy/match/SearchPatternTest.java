package dev.gatehouse.policy.match;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
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

  /** Expressions over a small alphabet, with everything that rules use. */
  @Provide
  Arbitrary<String> regexes() {
    Arbitrary<String> atom =
        Arbitraries.of("a", "b", "ab", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "c", "\\.");
    Arbitrary<String> quantified =
        atom.flatMap(a -> Arbitraries.of("", "*", "+", "?", "{2}", "+?").map(q -> quantify(a, q)));
    Arbitrary<String> sequence =
        quantified.list().ofMinSize(1).ofMaxSize(4).map(parts -> String.join("", parts));
    return sequence
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(alternatives -> "(" + String.join("|", alternatives) + ")");
  }

  private static String quantify(String atom, String quantifier) {
    boolean anchor = List.of("^", "$", "\\b").contains(atom);
    return anchor
        ? atom
        : atom.length() > 1 && atom.equals("ab") ? "(ab)" + quantifier : atom + quantifier;
  }

  @Property
  void findsWhatTheEngineOfTheJdkFinds(
      @ForAll("regexes") String regex,
      @ForAll @StringLength(max = 12) @CharRange(from = 'a', to = 'd') String text) {
    // Given
    Matcher oracle = Pattern.compile(regex).matcher(text);
    if (Pattern.compile(regex).matcher("").find()) {
      return;
    }
    // When
    long range = SearchPattern.compile(regex).locate(text);
    // Then
    long expected = oracle.find() ? SearchPattern.range(oracle.start(), oracle.end()) : -1;
    assertEquals(expected, range, () -> regex + " in " + text);
  }

  @Property
  void everyMatchContainsARequiredWord(
      @ForAll("regexes") String regex,
      @ForAll @StringLength(max = 12) @CharRange(from = 'a', to = 'd') String text) {
    // Given
    if (Pattern.compile(regex).matcher("").find()) {
      return;
    }
    SearchPattern pattern = SearchPattern.compile(regex);
    // When
    boolean found = pattern.found(text);
    // Then
    String lower = text.toLowerCase(Locale.ROOT);
    assertTrue(
        !found
            || pattern.literals().isEmpty()
            || pattern.literals().stream().anyMatch(lower::contains));
  }
}
