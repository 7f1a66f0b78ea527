package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class JsonBodyTest {
  private static JsonBody parse(String text) {
    return JsonBody.parse(Buffer.buffer(text));
  }

  private static void assertRefused(int status, String code, Runnable reading) {
    ApiException refusal = assertThrows(ApiException.class, reading::run);
    assertEquals(code, refusal.code(), refusal.getMessage());
    assertEquals(status, refusal.status());
    assertTrue(String.valueOf(refusal.getMessage()).length() < 400, refusal.getMessage());
  }

  @Test
  void readsEveryTypeOnce() {
    // When
    JsonBody body =
        parse(
            """
            {"t": "wörld \\ud83d\\ude00", "n": 9007199254740993, "o": {"a": [1, 2.5, null, true]},
             "env": {"A_1": "x", "_b": ""}}
            """);

    // Then
    assertEquals("wörld 😀", body.text("t", 11));
    assertEquals(9007199254740993L, body.wholeNumber("n", 0, Long.MAX_VALUE, 0));
    assertEquals(Map.of("a", Arrays.asList(1, 2.5, null, true)), body.object("o"));
    assertEquals(Map.of("A_1", "x", "_b", ""), body.environment("env", 6));
    body.refuseUnread();
  }

  @Test
  void takesDefaultsForWhatIsLeftOut() {
    // When
    JsonBody body = parse("{}");

    // Then
    assertEquals("d", body.text("t", 1, "d"));
    assertEquals(7, body.wholeNumber("n", 0, 9, 7));
    assertEquals(Map.of(), body.object("o"));
    assertEquals(Map.of(), body.environment("e", 1));
    assertRefused(422, "field.missing", () -> body.text("t", 1));
  }

  @Test
  void countsBytesNotCharacters() {
    assertEquals("ééé", parse("{\"t\":\"ééé\"}").text("t", 6));
    assertRefused(413, "field.too-long", () -> parse("{\"t\":\"ééé\"}").text("t", 5));
  }

  @Test
  void wholeNumbersIncludeTheirBounds() {
    JsonBody body = parse("{\"n\":5}");
    assertEquals(5, body.wholeNumber("n", 5, 5, 0));
    assertRefused(422, "field.out-of-range", () -> body.wholeNumber("n", 6, 9, 7));
    assertRefused(422, "field.out-of-range", () -> body.wholeNumber("n", 1, 4, 2));
    assertRefused(
        422,
        "field.out-of-range",
        () -> parse("{\"n\":18446744073709551621}").wholeNumber("n", 5, 5, 0));
  }

  @Test
  void aFlagIsTrueOrFalseAndNothingElse() {
    JsonBody body = parse("{\"yes\":true,\"no\":false,\"one\":1,\"null\":null}");
    assertTrue(body.flag("yes"));
    assertFalse(body.flag("no"));
    assertFalse(body.flag("absent"));
    assertRefused(422, "field.wrong-type", () -> body.flag("one"));
    assertRefused(422, "field.wrong-type", () -> body.flag("null"));
  }

  @Test
  void nestsAsDeepAsAllowedAndNoDeeper() {
    // Given
    int depth = JsonBody.MAX_DEPTH;

    // When / Then: the object itself is one level.
    parse("{\"a\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}");
    assertRefused(
        400, "body.not-json", () -> parse("{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}"));
  }

  @Test
  void everyFieldMustBeAskedFor() {
    // Given
    JsonBody body = parse("{\"b\":1,\"a\":2}");

    // When / Then
    assertRefused(422, "field.unknown", body::refuseUnread);
    body.wholeNumber("a", 0, 9, 0);
    assertRefused(422, "field.unknown", body::refuseUnread);
    body.wholeNumber("b", 0, 9, 0);
    body.refuseUnread();
  }

  @Test
  void wordsOfJsonThatAreNoneAreRefused() {
    for (String text :
        List.of(
            "{\"a\":NaN}",
            "{\"a\":Infinity}",
            "{\"a\":01}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{\"a\":1.}",
            "{a:1}",
            "{\"a\":1}//",
            "/**/{}",
            "{\"a\":'x'}",
            "{\"a\":\"\\x\"}")) {
      assertRefused(400, "body.not-json", () -> parse(text));
    }
  }

  @Property(tries = 2000)
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    try {
      JsonBody.parse(Buffer.buffer(bytes));
    } catch (ApiException refused) {
      assertTrue(refused.status() >= 400 && refused.status() < 500, refused.code());
    }
  }

  @Property(tries = 500)
  void anyJsonBrokenAnywhereIsReadOrRefused(
      @ForAll int place, @ForAll byte wrong, @ForAll @Size(max = 3) List<String> texts) {
    // Given
    JsonObject valid = new JsonObject().put("n", 5).put("texts", texts).put("o", Map.of("a", 1.5));
    byte[] bytes = valid.encode().getBytes(StandardCharsets.UTF_8);
    bytes[Math.floorMod(place, bytes.length)] = wrong;

    // When / Then
    anyBytesAreReadOrRefused(bytes);
  }

  @Property
  void whatJsonCanSayIsReadAsItWas(@ForAll String text) {
    // Given
    String wellFormed =
        new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).replace("\0", "");

    // When
    JsonBody body = JsonBody.parse(new JsonObject().put("t", wellFormed).toBuffer());

    // Then
    assertEquals(wellFormed, body.text("t", Integer.MAX_VALUE));
  }
}
