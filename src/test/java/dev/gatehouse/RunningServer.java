package dev.gatehouse;

import dev.gatehouse.config.ConfigurationFile;
import dev.gatehouse.sandbox.EngineAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A whole server in this JVM, on a free port, with its own data directory, its own PostgreSQL and
 * the real Docker engine.
 */
@SuppressWarnings("NullAway.Init")
public final class RunningServer implements BeforeAllCallback, AfterAllCallback {
  private final Map<String, String> settings = new HashMap<>();
  private EngineAddress engine = EngineAddress.of(System.getenv("DOCKER_HOST"));
  private @Nullable String text;
  private Path data;
  private Path file;
  private Server server;
  private Api api;

  /** Overrides a configuration key by its environment variable. */
  public RunningServer with(String variable, String value) {
    settings.put(variable, value);
    return this;
  }

  /** Is configured by a file of its own, which may change, instead of the usual one. */
  public RunningServer configuredBy(String yaml) {
    text = yaml;
    return this;
  }

  /** Replaces its file, as an operator does. */
  public void configure(String yaml) {
    try {
      Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts sandboxes when they are asked for: for tests that hardly run anything. */
  public RunningServer withNothingReady() {
    return with("GATEHOUSE_SANDBOX_WARM", "0");
  }

  /** Lets everything through that runs in a sandbox: for attacks on what stands behind policy. */
  public RunningServer behindOpenPolicy() {
    return with("GATEHOUSE_POLICY_DIRECTORY", "src/test/policies/open");
  }

  /** Uses another engine than the machine's. */
  public RunningServer on(EngineAddress other) {
    engine = other;
    return this;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    data = Files.createTempDirectory("gatehouse-it");
    DatabaseTemplate.copyTo(data);
    settings.put("GATEHOUSE_DATA", data.toString());
    settings.put("GATEHOUSE_PORT", "0");
    // Each sandbox that nobody takes costs as much as one that somebody does.
    settings.putIfAbsent("GATEHOUSE_SANDBOX_WARM", "1");
    file = Path.of("conf/gatehouse.yaml");
    if (text != null) {
      file = data.resolve("gatehouse.yaml");
      configure(text);
    }
    ConfigurationFile source = new ConfigurationFile(file, settings);
    server = Server.start(source.load(), source, engine).await(120, TimeUnit.SECONDS);
    api = new Api(server.port(), data);
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (server != null) {
      server.close().await(60, TimeUnit.SECONDS);
    }
    deleteData();
  }

  private void deleteData() throws IOException {
    try (var files = Files.walk(data)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** What it answers, as its router has it. */
  List<String> routes() {
    return server.routes();
  }

  public Api api() {
    return api;
  }

  /** The name that its containers' labels have. */
  public String node() {
    try {
      return Files.readString(data.resolve("node")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path data() {
    return data;
  }
}
