package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8PiecesTest {
  @ParameterizedTest
  @ValueSource(strings = {"plain", "wörld", "€uro", "a😀b😀", ""})
  void textCutAtEveryByteIsTheSameText(String text) {
    // Given
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Utf8Pieces pieces = new Utf8Pieces();
    StringBuilder joined = new StringBuilder();

    // When
    for (byte one : bytes) {
      joined.append(pieces.next(Buffer.buffer().appendByte(one)));
    }
    joined.append(pieces.rest());

    // Then
    assertEquals(text, joined.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {0xFF, 0x80, 0xC3, 0xF0})
  void whatIsNoTextIsReplacedAndHoldsNothingUp(int wrong) {
    // Given
    Utf8Pieces pieces = new Utf8Pieces();

    // When
    String text =
        pieces.next(Buffer.buffer().appendByte((byte) wrong)) + pieces.next(Buffer.buffer("on"));

    // Then
    assertEquals("\uFFFDon", text);
    assertEquals("", pieces.rest());
  }
}
