package dev.gatehouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApprovalTextTest {
  private static List<String> command(String command) {
    return ApprovalText.of(
        new JsonObject()
            .put("id", "a1")
            .put("tool", "bash")
            .put("arguments", new JsonObject().put("command", command)));
  }

  @Test
  void whatATerminalWouldObeyOrHideIsVisible() {
    assertEquals(
        "a<U+001B>[2Kb<U+202E>c<U+200B>d<U+0007><U+FEFF><U+E0041><U+00A0><U+3164><U+0301><U+FE0F>"
            + "<U+2800><U+05D0><U+0627><U+0661>",
        VisibleText.of(
            "a\u001b[2Kb\u202ec\u200bd\u0007\ufeff\udb40\udc41\u00a0\u3164\u0301\ufe0f"
                + "\u2800\u05d0\u0627\u0661"));
    assertEquals(
        "plain \u00e4\u00f6 \u4e2d \ud83d\ude00",
        VisibleText.of("plain \u00e4\u00f6 \u4e2d \ud83d\ude00"));
  }

  @Test
  void nothingOfALongActionIsCut() {
    // Given
    String code = "x".repeat(995) + "DANGER" + "y".repeat(999);

    // When
    StringBuilder shown = new StringBuilder();
    for (String line : command(code)) {
      assertTrue(line.length() < 120, line);
      if (line.contains("| ") || line.contains("> ")) {
        shown.append(line.strip().substring(2));
      }
    }

    // Then
    assertEquals(code, shown.toString());
  }

  @Test
  void aLineOfTheActionCannotPretendToBeAField() {
    // When
    List<String> lines = command("ls\nrisk: LOW\n\u001b[1Agone\r\rover");

    // Then
    assertFalse(lines.contains("risk: LOW"));
    assertTrue(lines.contains("    | risk: LOW"), lines.toString());
    assertTrue(lines.contains("    | <U+001B>[1Agone<U+000D><U+000D>over"), lines.toString());
  }

  @Test
  void whatItDidWhenItWasTriedHidesNothing() {
    // Given
    JsonObject file =
        new JsonObject()
            .put("path", "n\u001b[2Jame\nrisk: LOW")
            .put("type", "symlink")
            .put("size", 1L)
            .put("mode", "777")
            .put("target", "/etc/\u202epasswd");
    JsonObject files =
        new JsonObject().put("made", new JsonArray().add(file)).put("seen", 9).put("whole", false);
    JsonObject preview =
        new JsonObject()
            .put("effect", "e1")
            .put("did", new JsonObject().put("stdout", "out\u001b[1A\n").put("files", files));

    // When
    String shown = String.join("\n", ApprovalText.of(new JsonObject().put("preview", preview)));

    // Then
    assertTrue(shown.contains("effect: e1"), shown);
    assertTrue(shown.contains("| out<U+001B>[1A"), shown);
    assertTrue(shown.contains("n<U+001B>[2Jame"), shown);
    assertTrue(shown.contains("/etc/<U+202E>passwd"), shown);
    assertTrue(shown.contains("not all are listed"), shown);
    assertFalse(shown.contains("\nrisk: LOW"), shown);
  }

  @Test
  void aPersonReadsPageByPageAndAPipeAtOnce() throws IOException {
    List<String> lines = Collections.nCopies(100, "line");

    assertTrue(
        printed(lines, new BufferedReader(new StringReader("\n\n"))).contains("-- line 80 of 100"));
    assertEquals("line\n".repeat(100), printed(lines, null));
  }

  private static String printed(
      List<String> lines, @org.jspecify.annotations.Nullable BufferedReader terminal)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new Pager(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal).print(lines);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
