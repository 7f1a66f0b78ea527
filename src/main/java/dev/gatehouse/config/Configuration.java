package dev.gatehouse.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Everything the server can be told, checked. Every field is explained where its user finds it: in
 * {@code conf/gatehouse.yaml}.
 *
 * @param host address to listen on
 * @param port TCP port to listen on; 0 takes a free one
 * @param data directory for everything that must survive a restart
 */
public record Configuration(
    String host,
    int port,
    Path data,
    DatabaseSettings database,
    List<KeySettings> keys,
    ListenerSettings listener,
    TlsSettings tls,
    CorsSettings cors,
    HttpSettings http,
    WebSocketSettings webSocket,
    LimitSettings limits,
    PolicySettings policy,
    SandboxSettings sandbox,
    AuditSettings audit,
    ApprovalSettings approval,
    List<SecretSettings> secrets,
    List<ObjectiveSettings> objectives) {

  /**
   * Reads the file.
   *
   * @param environment overrides; every {@code GATEHOUSE_} variable in it must belong to a key
   * @throws ConfigException naming every fault: key, reason and line
   */
  public static Configuration load(Path file, Map<String, String> environment) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException(List.of(file + ": cannot be read: " + e));
    }
    return parse(file.toString(), text, environment);
  }

  /** As {@link #load}, from text. */
  static Configuration parse(String name, String text, Map<String, String> environment) {
    Settings settings = Settings.parse(name, text, environment);
    Configuration configuration = read(settings);
    settings.finish();
    return configuration;
  }

  /** Reads every key there is. */
  static Configuration read(Settings settings) {
    Configuration configuration =
        new Configuration(
            settings.text("host", "127.0.0.1"),
            settings.integer("port", 0, 65_535, 8420),
            settings.path("data", Path.of("data")).toAbsolutePath().normalize(),
            DatabaseSettings.read(settings),
            KeySettings.read(settings),
            ListenerSettings.read(settings),
            TlsSettings.read(settings),
            CorsSettings.read(settings),
            HttpSettings.read(settings),
            WebSocketSettings.read(settings),
            LimitSettings.read(settings),
            PolicySettings.read(settings),
            SandboxSettings.read(settings),
            AuditSettings.read(settings),
            ApprovalSettings.read(settings),
            SecretSettings.read(settings),
            ObjectiveSettings.read(settings));
    configuration.crossCheck(settings);
    return configuration;
  }

  private void crossCheck(Settings settings) {
    if (!listensOnLoopbackOnly() && keys.isEmpty()) {
      settings.refuse(
          "host",
          "can be reached from other machines, and no keys are configured: write keys, or listen"
              + " on 127.0.0.1");
    }
    limits.crossCheck(settings);
    sandbox.crossCheck(settings, limits);
  }

  /** Whether only this machine can connect. */
  public boolean listensOnLoopbackOnly() {
    return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.\\d{1,3}){3}");
  }
}
