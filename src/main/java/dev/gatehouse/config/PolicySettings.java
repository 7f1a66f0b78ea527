package dev.gatehouse.config;

import java.nio.file.Path;

/**
 * Where policy comes from.
 *
 * @param directory where the policy files are
 */
public record PolicySettings(Path directory) {

  static PolicySettings read(Settings settings) {
    return new PolicySettings(
        settings.path("policy.directory", Path.of("conf/policies")).toAbsolutePath());
  }
}
