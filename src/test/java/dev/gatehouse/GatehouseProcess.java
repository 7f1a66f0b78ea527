package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The real main program in a process of its own. */
final class GatehouseProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Pattern LISTENS = Pattern.compile("listens on https?://[^ ]*:(\\d+),");

  private final Process process;
  private final Path data;
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Thread reader;

  private GatehouseProcess(Process process, Path data) {
    this.process = process;
    this.data = data;
    this.reader = Thread.ofVirtual().start(this::readLog);
  }

  /**
   * Starts it.
   *
   * @param directory where its configuration is written and its data is, unless told otherwise
   * @param environment the only Gatehouse and Docker variables it sees
   */
  static GatehouseProcess start(Path directory, String yaml, Map<String, String> environment)
      throws IOException {
    Path configuration = directory.resolve("gatehouse.yaml");
    Files.writeString(configuration, yaml);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Half of a start's work is the second compiler's, a tenth is G1's.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Gatehouse.class.getName(), "--config", configuration.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("GATEHOUSE_"));
    builder.environment().put("GATEHOUSE_DATA", directory.resolve("data").toString());
    builder.environment().put("GATEHOUSE_PORT", "0");
    builder.environment().putAll(environment);
    Path data = Path.of(builder.environment().get("GATEHOUSE_DATA"));
    return new GatehouseProcess(builder.start(), data);
  }

  private void readLog() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        this.lines.add(line);
      }
    } catch (IOException e) {
      this.lines.add(e.toString());
    }
  }

  /** What it has written so far, to either stream. */
  String log() {
    return String.join("\n", lines);
  }

  Path data() {
    return data;
  }

  /** Its API, as soon as it listens. */
  Api awaitListening() {
    Eventually.eventually(
        "it listens: " + data,
        START_LIMIT,
        () -> LISTENS.matcher(log()).find() || !process.isAlive());
    Matcher matcher = LISTENS.matcher(log());
    assertTrue(matcher.find(), log());
    return new Api(Integer.parseInt(matcher.group(1)), data);
  }

  /** Its exit code, as soon as it has ended, with all it wrote in the log. */
  int awaitExit(Duration limit) throws InterruptedException {
    assertTrue(
        process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS),
        () -> "it still runs after " + limit + ": " + log());
    reader.join(limit);
    return process.exitValue();
  }

  int awaitExit() throws InterruptedException {
    return awaitExit(START_LIMIT);
  }

  /** Asks it to end, as an operator would. */
  void terminate() {
    process.destroy();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, 60, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
  }
}
