package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands behind the question mark of a request on files. */
class FileQueryTest {
  @Test
  void bytesComeAsTheyWereWritten() {
    FileQuery query = FileQuery.parse("path=/tmp/a+b%2B%ff%C3%a9&content=x%00%26=");
    assertEquals("/tmp/a%20b%2B%FF%C3%A9", query.path("path").encoded());
    assertEquals("x\0&=", query.bytes("content", 10, ""));
    query.refuseUnread();
  }

  @Test
  void whatIsNotGivenHasItsDefault() {
    FileQuery query = FileQuery.parse(null);
    assertEquals(7, query.number("limit", 1, 10, 7));
    assertEquals(0600, query.mode("mode", 0600));
    assertEquals("", query.cursor());
  }

  @Test
  void aCursorComesBackAsItWasGiven() {
    assertEquals(
        "\u00ff-\0x", FileQuery.parse("cursor=" + FileQuery.cursor("\u00ff-\0x")).cursor());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%", "a=%1", "a=%g0", "a=1&a=2", "a=\u00e9", "&&", "a&a"})
  void whatIsNotClearIsRefused(String text) {
    assertThrows(ApiException.class, () -> FileQuery.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=0", "limit=11", "limit=-1", "limit=1x", "limit=99999999999"})
  void aNumberHasItsBounds(String text) {
    assertThrows(ApiException.class, () -> FileQuery.parse(text).number("limit", 1, 10, 7));
  }
}
