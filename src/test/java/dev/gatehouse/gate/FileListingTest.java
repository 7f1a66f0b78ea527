package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileListingTest {
  private static final int MOST = 10;

  private static String file(String path, String sha256) {
    return new JsonObject()
            .put("path", path)
            .put("type", "file")
            .put("mode", 420)
            .put("size", 1)
            .put("sha256", sha256)
            .encode()
        + "\n";
  }

  private static String end(int seen) {
    return "{\"seen\": " + seen + ", \"cut\": false}\n";
  }

  private static FileListing read(String told) {
    return FileListing.read(told, MOST);
  }

  @Test
  void whatIsMadeChangedAndRemovedIsTold() {
    // Given
    FileListing before = read(file("gone", "1") + file("kept", "2") + file("other", "3") + end(3));

    // When
    JsonObject since =
        read(file("kept", "2") + file("made", "4") + file("other", "5") + end(3)).since(before);

    // Then
    assertEquals("made", since.getJsonArray("made").getJsonObject(0).getString("path"));
    assertEquals("644", since.getJsonArray("made").getJsonObject(0).getString("mode"));
    assertEquals("other", since.getJsonArray("changed").getJsonObject(0).getString("path"));
    assertEquals("gone", since.getJsonArray("removed").getJsonObject(0).getString("path"));
    assertEquals(1, since.getJsonArray("removed").size());
    assertTrue(since.getBoolean("whole"));
  }

  @Test
  void whatIsNotListedIsNotCalledRemoved() {
    // Given
    FileListing before = read(file("z", "1") + end(1));

    // When
    JsonObject since = read(file("a", "1") + end(2)).since(before);

    // Then
    assertTrue(since.getJsonArray("removed").isEmpty());
    assertFalse(since.getBoolean("whole"));
  }

  @Test
  void whatAGuestMakesUpIsRefused() {
    for (String told :
        List.of(
            "",
            "nothing",
            "[]",
            "null\n" + end(0),
            file("a", "1"),
            file("a", "1") + end(0),
            end(0) + file("a", "1") + end(1),
            "{\"path\": 1}\n" + end(1),
            "{\"path\": \"a\", \"type\": \"file\"}\n" + end(1),
            "{\"path\": \"a\", \"type\": \"file\", \"mode\": -1, \"size\": 1}\n" + end(1),
            "{\"path\": \"a\", \"type\": \"file\", \"mode\": 1, \"size\": -1}\n" + end(1),
            "{\"seen\": \"many\"}",
            "{\"seen\": 1e99, \"cut\": false}",
            file("a", "1").repeat(MOST + 1) + end(1))) {
      assertThrows(IllegalArgumentException.class, () -> read(told), told);
    }
  }

  @Test
  void aLongNameIsCut() {
    // When
    FileListing listing = read(file("n".repeat(100_000), "1") + end(1));

    // Then
    assertTrue(listing.entries().keySet().iterator().next().length() < 600);
  }
}
