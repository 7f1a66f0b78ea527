package dev.gatehouse.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a configuration comes from, so that what may change while the server runs can be read
 * again.
 *
 * @param environment what overrides the file; does not change
 */
public record ConfigurationFile(Path path, Map<String, String> environment) {
  public ConfigurationFile {
    environment = Map.copyOf(environment);
  }

  /** As {@link Configuration#load}. */
  public Configuration load() {
    return Configuration.load(path, environment);
  }
}
