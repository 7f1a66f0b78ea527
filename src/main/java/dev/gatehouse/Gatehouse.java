package dev.gatehouse;

import dev.gatehouse.config.ConfigException;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.ConfigurationFile;
import dev.gatehouse.config.DrainSettings;
import dev.gatehouse.sandbox.EngineAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.LogManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The main program: reads the configuration, starts the server, and stops it with the process. */
public final class Gatehouse {
  private static final Logger LOGGER = LoggerFactory.getLogger(Gatehouse.class);
  private static final String DEFAULT_CONFIGURATION = "conf/gatehouse.yaml";
  private static final long START_LIMIT_SECONDS = 180;
  private static final long STOP_LIMIT_SECONDS = 60;

  /** How much longer than it is set to the drain may take. */
  private static final long GRACE_MILLIS = 5_000;

  private Gatehouse() {}

  /**
   * Starts the server. Exits with 2 if it was told something wrong, with 1 if it cannot start.
   *
   * @param args none, or {@code --config FILE}
   */
  public static void main(String[] args) {
    try {
      configureLog();
      start(args);
    } catch (ConfigException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    } catch (Exception e) {
      LOGGER.debug("the start failed", e);
      System.err.println("Gatehouse cannot start: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void start(String[] args) throws TimeoutException {
    ConfigurationFile file = new ConfigurationFile(configurationFile(args), System.getenv());
    Configuration configuration = file.load();
    EngineAddress engine = EngineAddress.of(System.getenv("DOCKER_HOST"));
    Server server =
        Server.start(configuration, file, engine).await(START_LIMIT_SECONDS, TimeUnit.SECONDS);
    DrainSettings drain = configuration.drain();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, drain), "gatehouse-stop"));
    LOGGER.info(
        "Gatehouse listens on {}://{}:{}, keys {}",
        configuration.tls().isOn() ? "https" : "http",
        configuration.host(),
        server.port(),
        configuration.keys().isEmpty()
            ? "in " + configuration.data().resolve("keys")
            : "as configured");
  }

  /** Ours, unless the JVM was told another with {@code java.util.logging.config.file}. */
  private static void configureLog() throws IOException {
    if (System.getProperty("java.util.logging.config.file") == null) {
      try (InputStream properties = Gatehouse.class.getResourceAsStream("logging.properties")) {
        LogManager.getLogManager().readConfiguration(properties);
      }
    }
  }

  private static Path configurationFile(String[] args) {
    if (args.length == 2 && args[0].equals("--config")) {
      return Path.of(args[1]);
    }
    if (args.length != 0) {
      throw new IllegalArgumentException("expected no argument, or --config FILE");
    }
    return Path.of(System.getenv().getOrDefault("GATEHOUSE_CONFIG", DEFAULT_CONFIGURATION));
  }

  private static void stop(Server server, DrainSettings settings) {
    try {
      long limitMillis = (long) settings.leadMillis() + settings.deadlineMillis() + GRACE_MILLIS;
      server.drain().await(limitMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      System.err.println("Gatehouse did not drain in time");
    }
    try {
      server.close().await(STOP_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      System.err.println("Gatehouse did not stop within " + STOP_LIMIT_SECONDS + " s");
    }
  }
}
