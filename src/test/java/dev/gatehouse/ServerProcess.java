package dev.gatehouse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The main program as a process of its own, so that it can be killed as processes are. */
final class ServerProcess {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Pattern LISTENS = Pattern.compile("listens on http://[^:]+:(\\d+)");

  private final Process process;
  private final Path log;
  private final Path data;

  private ServerProcess(Process process, Path log, Path data) {
    this.process = process;
    this.log = log;
    this.data = data;
  }

  /** Starts the main program; it may not listen yet. */
  static ServerProcess launch(Path data, Map<String, String> settings) {
    try {
      DatabaseTemplate.copyFor(data, settings);
      Path log = Files.createTempFile("gatehouse-process", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  // Half of a start's work is the second compiler's, a tenth is G1's.
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "dev.gatehouse.Gatehouse",
                  "--config",
                  "conf/gatehouse.yaml"));
      builder.environment().put("GATEHOUSE_DATA", data.toString());
      builder.environment().put("GATEHOUSE_PORT", "0");
      builder.environment().putAll(settings);
      return new ServerProcess(
          builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log, data);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Starts the main program and waits until it listens. */
  static ServerProcess start(Path data, Map<String, String> settings) {
    ServerProcess server = launch(data, settings);
    server.awaitListening();
    return server;
  }

  Api awaitListening() {
    Eventually.eventually(
        "the server listens", START_LIMIT, () -> port().isPresent() || !process.isAlive());
    return new Api(
        port().orElseThrow(() -> new AssertionError("the server did not start: " + log())), data);
  }

  Api api() {
    return awaitListening();
  }

  private Optional<Integer> port() {
    Matcher listens = LISTENS.matcher(log());
    return listens.find() ? Optional.of(Integer.valueOf(listens.group(1))) : Optional.empty();
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As kill -9: nothing of it runs any more when this returns. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** As an operator stops it. */
  void stop() {
    process.destroy();
    process.onExit().join();
  }

  /** The exit code, once it has ended by itself. */
  int exitCode() {
    return process.onExit().join().exitValue();
  }

  /** Deletes a data directory, after whoever works there has been killed. */
  static void deleteTree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
