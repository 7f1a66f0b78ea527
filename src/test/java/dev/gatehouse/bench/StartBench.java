package dev.gatehouse.bench;

import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Scenario {@code start}: from the process' start to {@code /readyz}, with a database that is ready
 * and has its tables; as the launcher starts it, and with an AOT cache that an earlier run left.
 * Beside it a JVM with the same flags that prints its version.
 */
public final class StartBench {
  private static final Path JAR = Path.of("target/gatehouse.jar");
  private static final String FLAGS = "bench.flags";

  private final String url;

  private StartBench(String url) {
    this.url = url;
  }

  /** Measures; the system property {@value #FLAGS} has the launcher's flags. */
  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-bench");
    try (Figures figures = Figures.of("start");
        EmbeddedDatabase database = EmbeddedDatabase.start(data)) {
      PgConnectOptions to = database.connectOptions();
      String url =
          "postgresql://%s:%s@%s:%d/%s"
              .formatted(
                  to.getUser(), to.getPassword(), to.getHost(), to.getPort(), to.getDatabase());
      Path cache = data.resolve("gatehouse.aot");
      StartBench bench = new StartBench(url);
      // Makes the tables, and fills the system's caches.
      bench.startMillis();
      bench.startMillis("-XX:AOTCacheOutput=" + cache);
      for (int round = 0; round < Pace.current().rounds(); round++) {
        double bare = bareMillis();
        figures.add("start", Unit.MILLIS, bench.startMillis(), bare);
        figures.add("start.aot", Unit.MILLIS, bench.startMillis("-XX:AOTCache=" + cache), bare);
      }
    }
  }

  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Arrays.stream(System.getProperty(FLAGS, "").split(" "))
        .filter(flag -> !flag.isEmpty())
        .forEach(command::add);
    return command;
  }

  private double startMillis(String... flags) throws IOException {
    Path data = Files.createTempDirectory("gatehouse-bench");
    List<String> command = java();
    command.addAll(List.of(flags));
    command.addAll(List.of("-jar", JAR.toString()));
    Map<String, String> settings =
        Map.of(
            "GATEHOUSE_DATA",
            data.toString(),
            "GATEHOUSE_PORT",
            "0",
            "GATEHOUSE_DATABASE_URL",
            url);
    try (ServerUnderLoad server =
        ServerUnderLoad.start(command, settings, data, data.resolve("server.log"))) {
      long listens = System.nanoTime();
      try (Caller caller = server.caller("agent")) {
        do {
          caller.get("/readyz");
        } while (caller.status() != 200);
      }
      return server.startMillis() + (System.nanoTime() - listens) / 1e6;
    }
  }

  private static double bareMillis() throws IOException, InterruptedException {
    List<String> command = java();
    command.add("-version");
    long began = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IOException(command + " failed");
    }
    return (System.nanoTime() - began) / 1e6;
  }
}
