package dev.gatehouse.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is said of {@code /v1/ws}, to people and to machines, is what there is. */
class SocketDescriptionTest {
  private static final Path DOCUMENT = Path.of("docs/websocket.md");
  private static final Pattern CODE =
      Pattern.compile("ApiException\\s*\\.(?:of|retryable)\\(\\s*\\d+,\\s*\"([a-z.-]+)\"");

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

  /** Those of the handshake are OpenAPI's. */
  @Test
  void everyCodeOfAFrameIsDocumented() throws IOException {
    String document = Files.readString(DOCUMENT);
    Set<String> codes = new TreeSet<>();
    try (Stream<Path> sources = Files.list(Path.of("src/main/java/dev/gatehouse/http"))) {
      for (Path source :
          sources
              .filter(file -> file.getFileName().toString().matches("Socket(?!Route).*"))
              .toList()) {
        CODE.matcher(Files.readString(source)).results().forEach(code -> codes.add(code.group(1)));
      }
    }
    assertTrue(codes.size() > 8, codes.toString());
    codes.forEach(code -> assertTrue(document.contains("`" + code + "`"), code));
  }

  @Test
  void everyCloseCodeIsDocumented() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (SocketClose why : SocketClose.values()) {
      assertTrue(document.contains("| " + why.code() + " |"), why + " is documented");
    }
  }
}
