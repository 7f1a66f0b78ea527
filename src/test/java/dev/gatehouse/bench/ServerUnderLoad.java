package dev.gatehouse.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The real server in a process of its own, with the flags of this one, an embedded PostgreSQL and
 * the machine's Docker engine.
 */
public final class ServerUnderLoad implements AutoCloseable {
  private static final Pattern LISTENS = Pattern.compile("listens on http://[^ ]*:(\\d+),");
  private static final long START_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final Process process;
  private final Path data;
  private final int port;
  private final double startMillis;

  private ServerUnderLoad(Process process, Path data, int port, double startMillis) {
    this.process = process;
    this.data = data;
    this.port = port;
    this.startMillis = startMillis;
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param settings variables of its environment
   * @param flags more of its JVM
   */
  public static ServerUnderLoad start(Map<String, String> settings, String... flags)
      throws IOException {
    Path data = Files.createTempDirectory("gatehouse-bench");
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("GATEHOUSE_DATA", data.toString());
    all.putIfAbsent("GATEHOUSE_PORT", "0");
    Path log = data.resolve("server.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-Dbench.") && !flag.startsWith("-Xm"))
        .forEach(command::add);
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.gatehouse.Gatehouse", "--config", "conf/gatehouse.yaml"));
    return start(command, all, data, log);
  }

  /** As {@link #start(Map, String...)}, by any command that ends as the main program does. */
  static ServerUnderLoad start(
      List<String> command, Map<String, String> settings, Path data, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("GATEHOUSE_"));
    builder.environment().putAll(settings);
    long began = System.nanoTime();
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    while (process.isAlive() && System.nanoTime() - began < START_NANOS) {
      Matcher listens = LISTENS.matcher(Files.readString(log));
      if (listens.find()) {
        double millis = (System.nanoTime() - began) / 1e6;
        return new ServerUnderLoad(process, data, Integer.parseInt(listens.group(1)), millis);
      }
      LockSupport.parkNanos(2_000_000);
    }
    process.destroy();
    throw new IOException("the server did not start:\n" + Files.readString(log));
  }

  public int port() {
    return port;
  }

  /** From its process' start to its word that it listens. */
  double startMillis() {
    return startMillis;
  }

  /** The key that the server made for a role. */
  public String key(String role) throws IOException {
    return Files.readString(data.resolve("keys").resolve(role)).strip();
  }

  /** A connection with a role's key. */
  public Caller caller(String role) throws IOException {
    return new Caller(port, key(role));
  }

  Process process() {
    return process;
  }

  /** Stops it, and removes its data. */
  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().completeOnTimeout(process, 60, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
    try (var files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
