package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is said of {@code /v1/ws}, to people and to machines, is what there is. */
class SocketDescriptionTest {
  private static final Path DOCUMENT = Path.of("docs/websocket.md");

  @Test
  void everyTypeIsDescribedAndDocumented() throws IOException {
    // Given
    String document = Files.readString(DOCUMENT);
    JsonObject ask =
        new JsonObject(DocumentRoutes.read(DocumentRoutes.ASYNCAPI))
            .getJsonObject("operations")
            .getJsonObject("ask");

    // When
    Set<String> described = new TreeSet<>();
    for (Object message : ask.getJsonArray("messages")) {
      String reference = ((JsonObject) message).getString("$ref");
      described.add(reference.substring(reference.lastIndexOf('/') + 1));
    }

    // Then
    assertEquals(SocketVerbs.types(), described);
    for (String type : described) {
      assertTrue(
          document.contains("`" + type + "`") || document.contains("\"type\":\"" + type + "\""),
          type + " is documented");
    }
  }

  @Test
  void everyCloseCodeIsDocumented() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (SocketClose why : SocketClose.values()) {
      assertTrue(document.contains("| " + why.code() + " |"), why + " is documented");
    }
  }
}
