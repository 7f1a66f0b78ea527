package dev.gatehouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile values on a terminal. */
class VisibleTest {
  @ParameterizedTest
  @ValueSource(
      ints = {0, 7, 8, 0x0a, 0x0d, 0x1b, 0x7f, 0x9b, 0x200b, 0x202e, 0x2028, 0x2066, 0xe0041})
  void showsTheNumberOfWhatWouldNotShowItself(int hidden) {
    assertEquals(
        String.format("a\\u%04xb", hidden), Visible.text("a" + Character.toString(hidden) + "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "bash", "äöü €", "日本語", "😀", "a\\u001b"})
  void leavesTextAsItIs(String text) {
    assertEquals(text, Visible.text(text));
  }

  @Test
  void aCellIsAsWideAsItsColumnAndCutsNoCharacterInHalf() {
    assertEquals("ab  ", Visible.cell("ab", 4));
    assertEquals("abcd", Visible.cell("abcdef", 4));
    assertEquals("abc😀", Visible.cell("abc😀😀", 4));
    assertEquals("\\u00", Visible.cell("\u001b[2J", 4));
  }

  @Test
  void aRowOfHostileValuesIsOneLineOfPlainText() {
    // Given
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);

    // When
    EventTable.ofEvents(print)
        .row(new JsonObject().put("tool", "a\nb\u001b]0;x\u0007").put("session", "\u202egnp"));

    // Then
    String text = out.toString(StandardCharsets.UTF_8);
    assertEquals(2, text.lines().count(), text);
    assertEquals(2, text.chars().filter(Character::isISOControl).count(), "the ends of its lines");
  }
}
