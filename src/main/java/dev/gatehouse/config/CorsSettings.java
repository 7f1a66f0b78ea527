package dev.gatehouse.config;

import java.util.List;

/**
 * Which web pages may use the interface besides the server's own.
 *
 * @param origins of the pages, as browsers name them; empty for none
 */
public record CorsSettings(List<String> origins) {
  /** No path, no capitals, and no port that is its scheme's own: browsers name none of these. */
  private static final String ORIGIN =
      "(?!http://.*:80$)(?!https://.*:443$)https?://([a-z0-9.-]+|\\[[0-9a-f:.]+])(:[1-9]\\d{0,4})?";

  static CorsSettings read(Settings settings) {
    return new CorsSettings(
        settings.texts(
            "cors.origins",
            "a list of origins such as https://console.example or http://localhost:3000",
            text -> text.matches(ORIGIN)));
  }
}
