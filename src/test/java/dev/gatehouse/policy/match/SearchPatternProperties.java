package dev.gatehouse.policy.match;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * The engine that rules search with against two others: {@code java.util.regex}, whose syntax and
 * meaning it has, and RE2/J, which like it runs in linear time.
 */
class SearchPatternProperties {
  private static final int DEEPEST = 3;

  private static final List<String> CHARACTERS =
      List.of(
          "a", "b", "c", "A", "1", "_", "-", " ", "\\.", "\\n", "é", "а", "😀", "\\x41", "\\u00e9");
  private static final List<String> CLASSES =
      List.of(
          ".", "[ab]", "[^a]", "[a-c1]", "[^\\w]", "[\\d_-]", "[^\\n]", "[é😀]", "[^😀]", "[]a]",
          "[^]b]", "\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "\\p{L}", "\\p{Lu}", "\\P{L}");
  private static final List<String> ANCHORS = List.of("^", "$", "\\b", "\\B", "\\A", "\\z");
  private static final List<String> REPEATS =
      List.of("*", "+", "?", "{2}", "{1,3}", "{2,}", "{0,2}");

  /** Expressions with everything that rules use and more. */
  @Provide
  Arbitrary<String> regexes() {
    return Arbitraries.of("", "", "(?i)", "(?s)", "(?m)", "(?is)")
        .flatMap(flags -> expression(DEEPEST).map(expression -> flags + expression));
  }

  private static Arbitrary<String> expression(int depth) {
    return sequence(depth).list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join("|", parts));
  }

  private static Arbitrary<String> sequence(int depth) {
    return part(depth).list().ofMinSize(1).ofMaxSize(4).map(parts -> String.join("", parts));
  }

  private static Arbitrary<String> part(int depth) {
    Arbitrary<String> character = Arbitraries.of(CHARACTERS);
    Arbitrary<String> group =
        depth == 0
            ? character
            : Arbitraries.lazy(() ->
                Arbitraries.of("(", "(?:", "(?i:", "(?s:")
                    .flatMap(open -> expression(depth - 1).map(inner -> open + inner + ")")));
    Arbitrary<String> repeated =
        Arbitraries.oneOf(character, Arbitraries.of(CLASSES), group)
            .flatMap(one -> Arbitraries.of(REPEATS).map(repeat -> one + repeat))
            .flatMap(one -> Arbitraries.of("", "", "?").map(lazy -> one + lazy));
    return Arbitraries.frequencyOf(
        Tuple.of(5, character),
        Tuple.of(3, Arbitraries.of(CLASSES)),
        Tuple.of(2, Arbitraries.of(ANCHORS)),
        Tuple.of(3, repeated),
        Tuple.of(2, group));
  }

  /**
   * Texts of the letters that the expressions are about, some in the other case, and look-alikes.
   */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "a", "b", "c", "A", "B", "1", "_", "-", " ", ".", "\n", "é", "É", "а", "А", "😀",
            "\u212a", "\u017f", "z")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }

  @Property(tries = 4_000)
  void findsWhatTheEngineOfTheJdkFinds(
      @ForAll("regexes") String regex, @ForAll("texts") String text) {
    // Given
    Pattern oracle = Pattern.compile(regex);
    if (oracle.matcher("").find()) {
      assertThrows(IllegalArgumentException.class, () -> SearchPattern.compile(regex));
      return;
    }

    // When
    SearchPattern pattern = SearchPattern.compile(regex);

    // Then
    Matcher matcher = oracle.matcher(text);
    boolean found = matcher.find();
    assertEquals(found, pattern.found(text), () -> shown(regex, text));
    assertEquals(
        found ? SearchPattern.range(matcher.start(), matcher.end()) : -1,
        pattern.locate(text),
        () -> shown(regex, text));
  }

  /**
   * RE2/J differs by design where lines end and where letters of other alphabets have two cases.
   */
  @Property(tries = 4_000)
  void findsWhatRe2Finds(@ForAll("regexes") String regex, @ForAll("texts") String anyText) {
    // Given
    String text = regex.contains("(?i") ? anyText.replaceAll("[^\\x00-\\x7f]", "z") : anyText;
    boolean lines = regex.contains("$") || regex.contains("(?m)");
    String line = lines ? text.replace('\n', ' ') + "." : text;
    if (Pattern.compile(regex).matcher("").find()) {
      return;
    }

    // When
    boolean found = SearchPattern.compile(regex).found(line);

    // Then
    String re2 = regex.replace("\\u00e9", "\\x{e9}");
    assertEquals(
        com.google.re2j.Pattern.compile(re2).matcher(line).find(), found, () -> shown(regex, line));
  }

  @Property
  void everyMatchContainsARequiredWord(
      @ForAll("regexes") String regex, @ForAll("texts") String text) {
    if (Pattern.compile(regex).matcher("").find()) {
      return;
    }
    SearchPattern pattern = SearchPattern.compile(regex);

    boolean found = pattern.found(text);

    String lower = text.toLowerCase(Locale.ROOT);
    assertTrue(
        !found
            || pattern.literals().isEmpty()
            || pattern.literals().stream().anyMatch(lower::contains),
        () -> shown(regex, text) + " has none of " + pattern.literals());
  }

  private static String shown(String regex, String text) {
    return regex + " in '" + text.replace("\n", "\\n") + "'";
  }
}
