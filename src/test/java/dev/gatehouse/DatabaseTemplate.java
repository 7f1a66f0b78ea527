package dev.gatehouse;

import dev.gatehouse.store.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The files of the embedded PostgreSQL as its first start makes them, made once a test run: a
 * server that begins with a copy starts seconds earlier. First starts are tried by {@link
 * GatehouseProcess} and the launcher.
 */
public final class DatabaseTemplate {
  private static final Path TEMPLATE = make();

  private DatabaseTemplate() {}

  private static Path make() {
    try {
      Path template = Files.createTempDirectory("gatehouse-template");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(template)));
      EmbeddedDatabase.start(template).close();
      return template;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path template) {
    try {
      ServerProcess.deleteTree(template);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The same for a server of that environment, unless it has a database, or has started there
   * before.
   */
  static void copyFor(Path data, Map<String, String> environment) {
    if (environment.containsKey("GATEHOUSE_DATABASE_URL")
        || Files.exists(data.resolve("postgres"))) {
      return;
    }
    try {
      copyTo(Files.createDirectories(data));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Puts a database without anything in it into an empty data directory. */
  public static void copyTo(Path data) throws IOException, InterruptedException {
    // Owners too: PostgreSQL does not run as root.
    Process copy =
        new ProcessBuilder("cp", "-a", TEMPLATE.resolve("postgres").toString(), data.toString())
            .inheritIO()
            .start();
    if (copy.waitFor() != 0) {
      throw new IOException("no copy of " + TEMPLATE + " in " + data);
    }
  }
}
