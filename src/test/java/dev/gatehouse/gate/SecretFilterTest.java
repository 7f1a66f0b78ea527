package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.sandbox.ExecutionFollower.Stream;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SecretFilterTest {
  private static final String LONG = "abcabcabd";
  private static final String SHORT = "abcabc";

  private static SecretFilter filter() {
    return new SecretFilter(Map.of(LONG, "long", SHORT, "short", "pässwörd", "other"));
  }

  private static String instead(String text) {
    return text.replace(LONG, "[redacted:given:long]")
        .replace(SHORT, "[redacted:given:short]")
        .replace("pässwörd", "[redacted:given:other]");
  }

  /** Texts of few letters are full of beginnings of secrets. */
  @Provide
  Arbitrary<List<String>> pieces() {
    return Arbitraries.of("a", "b", "c", "ab", "abc", "abd", LONG, SHORT, "pässwörd", "pä", "x")
        .list()
        .ofMaxSize(30);
  }

  @Property
  void whereverAPieceEndsTheSameIsLeft(
      @ForAll("pieces") List<String> texts, @ForAll List<Integer> cuts) {
    // Given
    String whole = String.join("", texts);
    byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
    SecretFilter filter = filter();
    Buffer heard = Buffer.buffer();

    // When
    int from = 0;
    for (int cut : cuts) {
      int to = Math.min(bytes.length, from + Math.floorMod(cut, 7));
      heard.appendBuffer(filter.next(Stream.STDOUT, Buffer.buffer(bytes).slice(from, to)));
      from = to;
    }
    heard.appendBuffer(filter.next(Stream.STDOUT, Buffer.buffer(bytes).slice(from, bytes.length)));
    heard.appendBuffer(filter.rest(Stream.STDOUT, false));

    // Then
    assertEquals(filter.text(whole, false), heard.toString());
  }

  @Property
  void nothingOfASecretIsLeft(@ForAll("pieces") List<String> texts) {
    // When
    String left = filter().text(String.join("", texts), false);

    // Then
    assertEquals(-1, left.indexOf(SHORT), left);
    assertEquals(-1, left.indexOf("pässwörd"), left);
  }

  @Example
  void theLongerOfTwoIsTakenAndAllElseStays() {
    String text = "x" + LONG + "y" + SHORT + "z pässwörd pä";
    assertEquals(instead(text), filter().text(text, false));
  }

  @Example
  void ofOutputThatIsCutTheBeginningOfASecretIsLeftOut() {
    assertEquals("said ", filter().text("said abcabcab", true));
    assertEquals("said abcab", filter().text("said abcab", false));
  }

  @Example
  void streamsAreHeldApart() {
    // Given
    SecretFilter filter = filter();

    // When
    Buffer out = filter.next(Stream.STDOUT, Buffer.buffer("abc"));
    Buffer err = filter.next(Stream.STDERR, Buffer.buffer("abcx"));

    // Then
    assertEquals("", out.toString());
    assertEquals("abcx", err.toString());
    assertEquals("abc", filter.rest(Stream.STDOUT, false).toString());
    assertEquals("", filter.rest(Stream.STDOUT, false).toString());
  }
}
