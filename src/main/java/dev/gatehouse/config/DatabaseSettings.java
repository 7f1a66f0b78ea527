package dev.gatehouse.config;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where the records are kept.
 *
 * @param url {@code postgresql://user:password@host:port/name}; null means embedded
 * @param connections connections for reading; the audit writer has one more of its own
 */
public record DatabaseSettings(@Nullable String url, int connections) {

  static DatabaseSettings read(Settings settings) {
    return new DatabaseSettings(url(settings), settings.integer("database.connections", 1, 256, 4));
  }

  private static @Nullable String url(Settings settings) {
    String url = settings.optionalText("database.url");
    if (url != null && !isDatabaseUrl(url)) {
      // The value is not shown: it may have a password.
      settings.refuse("database.url", "expected postgresql://user:password@host:port/name");
    }
    return url;
  }

  private static boolean isDatabaseUrl(String text) {
    try {
      URI url = new URI(text).parseServerAuthority();
      return ("postgresql".equals(url.getScheme()) || "postgres".equals(url.getScheme()))
          && url.getHost() != null
          && url.getPort() <= 65_535
          && url.getPath().length() > 1;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
