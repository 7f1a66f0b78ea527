package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that uses a server, as somebody else would have written it. */
final class Program {
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final long LIMIT_SECONDS = 180;

  private Program() {}

  /** Where the server is and with which keys, as the examples want to know it. */
  static Map<String, String> environment(Api api) {
    return Map.of(
        "GATEHOUSE_URL", "http://127.0.0.1:" + api.port(),
        "GATEHOUSE_KEY", api.key("agent"),
        "GATEHOUSE_APPROVER_KEY", api.key("approver"));
  }

  /** Runs it, expects it to succeed, and gives what it said to either stream. */
  static String run(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("gatehouse-program", ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    String said = Files.readString(output);
    Files.delete(output);
    assertTrue(ended, command + " still runs: " + said);
    assertEquals(0, process.exitValue(), command + ": " + said);
    return said;
  }
}
