package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.sandbox.GuestPath.BadPathException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths as callers write them and as sandboxes tell them. */
class GuestPathTest {
  @ParameterizedTest
  @CsvSource({
    "/workspace, /workspace",
    "//workspace///a/./b/, /workspace/a/b",
    "/tmp/..., /tmp/...",
    "/tmp/..a, /tmp/..a",
  })
  void aPathHasOneForm(String written, String path) {
    assertEquals(path, GuestPath.parse(written).text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "/", "/etc", "/workspace/..", "/tmp/a/../b", "/workspaces", "/tmp/\0"})
  void whatLeadsElsewhereIsNone(String written) {
    assertThrows(BadPathException.class, () -> GuestPath.parse(written));
  }

  @Test
  void namesAndPathsHaveALongestLength() {
    String name = "x".repeat(GuestPath.MAX_NAME_BYTES);
    assertEquals("/tmp/" + name, GuestPath.parse("/tmp/" + name).text());
    assertThrows(BadPathException.class, () -> GuestPath.parse("/tmp/" + name + "x"));
    String deep = "/tmp" + "/a".repeat((GuestPath.MAX_BYTES - 4) / 2);
    assertEquals(deep, GuestPath.parse(deep).text());
    assertThrows(BadPathException.class, () -> GuestPath.parse(deep + "/a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/../b", "/a", "a/", "a//b", "\0", "\u0100"})
  void aSandboxNamesNothingThatIsElsewhere(String told) {
    GuestPath directory = GuestPath.parse("/workspace/d");
    assertThrows(BadPathException.class, () -> directory.below(told));
  }

  @Test
  void textIsUtf8AndWhatIsNoneIsShownAsSuch() {
    GuestPath text = GuestPath.parse("/tmp/\u00c3\u00a9 a");
    GuestPath bytes = GuestPath.parse("/tmp/\u00ff%");
    assertEquals("/tmp/é a", text.text());
    assertTrue(text.isText());
    assertEquals("/tmp/%C3%A9%20a", text.encoded());
    assertEquals("\ufffd%", bytes.name());
    assertFalse(bytes.isText());
    assertEquals("/tmp/%FF%25", bytes.encoded());
  }

  @Property
  void noTextLeadsOutOfItsPlace(@ForAll @CharRange(from = '.', to = '/') String steps) {
    try {
      String path = GuestPath.parse("/workspace/" + steps).text();
      assertTrue(path.equals("/workspace") || path.startsWith("/workspace/"), path);
      assertFalse((path + "/").contains("/../"), path);
    } catch (BadPathException e) {
      assertTrue(("/" + steps + "/").contains("/../"), steps);
    }
  }
}
