package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sandbox says that code displayed is the guest's word. */
class DisplayTest {
  private static final Display SEVEN = new Display("result", Map.of("text/plain", "7"));

  @Test
  void readsALineForEachInOrder() {
    List<Display> displays =
        read(line("result", "{\"text/plain\":\"7\"}") + line("figure", "{\"image/png\":\"aGk=\"}"));

    assertEquals(List.of(SEVEN, new Display("figure", Map.of("image/png", "aGk="))), displays);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "{}",
        "null",
        "{\"kind\":\"result\"}",
        "{\"kind\":\"result\",\"data\":{}}",
        "{\"kind\":\"result\",\"data\":[]}",
        "{\"kind\":\"result\",\"data\":{\"text/plain\":7}}",
        "{\"kind\":\"result\",\"data\":{\"text/plain\\nX: y\":\"7\"}}",
        "{\"kind\":7,\"data\":{\"text/plain\":\"7\"}}",
        "{\"kind\":\"other\",\"data\":{\"text/plain\":\"7\"}}",
        "{\"kind\":\"result\",\"data\":{\"text/plain\":\"7\"}"
      })
  void passesOverWhatIsNone(String nonsense) {
    assertEquals(List.of(SEVEN), read(nonsense + "\n" + line("result", "{\"text/plain\":\"7\"}")));
  }

  @Test
  void nestingWithoutEndIsNone() {
    String deep = "{\"kind\":\"result\",\"data\":{\"text/plain\":" + "[".repeat(100_000) + "\n";

    assertEquals(List.of(SEVEN), read(deep + line("result", "{\"text/plain\":\"7\"}")));
  }

  @Test
  void aLineThatWasCutIsNone() {
    String line = line("result", "{\"text/plain\":\"7\"}");

    assertEquals(
        List.of(SEVEN), Display.readAll(Buffer.buffer(line + line), 2 * line.length() - 1));
  }

  @Test
  void keepsABoundedNumberOfDisplaysAndForms() {
    StringBuilder forms = new StringBuilder("{\"text/plain\":\"7\"");
    for (int i = 0; i < 100; i++) {
      forms.append(",\"text/x").append(i).append("\":\"\"");
    }
    String line = line("display", forms + "}");

    List<Display> displays = read(line.repeat(1_000));

    assertEquals(Display.MOST, displays.size());
    assertEquals(Display.MOST_FORMS, displays.getFirst().data().size());
  }

  @Test
  void changesTextsAndNoImages() {
    Display display =
        new Display("result", Map.of("text/html", "a", "image/png", "a", "image/svg+xml", "a"));

    assertEquals(
        new Display("result", Map.of("text/html", "b", "image/png", "a", "image/svg+xml", "b")),
        display.withTexts(text -> "b"));
  }

  private static List<Display> read(String lines) {
    return Display.readAll(Buffer.buffer(lines), Integer.MAX_VALUE);
  }

  private static String line(String kind, String data) {
    return "{\"kind\":\"" + kind + "\",\"data\":" + data + "}\n";
  }
}
