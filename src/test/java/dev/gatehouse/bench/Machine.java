package dev.gatehouse.bench;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** On what a run was taken. */
final class Machine {
  private static final long GIB = 1 << 30;

  private Machine() {}

  /** When, by which command, on what, with which versions; what is not known is left out. */
  static JsonObject describe(List<String> arguments) throws IOException, InterruptedException {
    JsonObject run = new JsonObject();
    run.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    run.put("command", ("./gatehouse bench " + String.join(" ", arguments)).strip());
    put(run, "commit", said("git", "rev-parse", "--short", "HEAD"));
    run.put(
        "changed files", said("git", "status", "--short", "--untracked-files=no").lines().count());
    put(run, "processor", line(Path.of("/proc/cpuinfo"), "model name"));
    run.put("processors", Runtime.getRuntime().availableProcessors());
    String memory = line(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", "");
    if (!memory.isEmpty()) {
      run.put("memory", Long.parseLong(memory) * 1024 / GIB + " GiB");
    }
    put(
        run,
        "load before",
        Files.exists(Path.of("/proc/loadavg"))
            ? Files.readString(Path.of("/proc/loadavg")).strip()
            : "");
    put(run, "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    put(run, "JDK", Runtime.version().toString());
    put(run, "flags", System.getProperty("bench.flags", ""));
    put(run, "Docker engine", System.getProperty("bench.engine", ""));
    put(run, "gVisor", said("runsc", "--version").lines().findFirst().orElse(""));
    put(run, "wrk", said("wrk", "-v").lines().findFirst().orElse(""));
    return run;
  }

  private static void put(JsonObject run, String name, String value) {
    if (!value.isBlank()) {
      run.put(name, value.strip());
    }
  }

  private static String line(Path file, String name) throws IOException {
    if (Files.notExists(file)) {
      return "";
    }
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse("");
    }
  }

  /** What a program says; nothing where there is none. */
  private static String said(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return said.strip();
    } catch (IOException e) {
      return "";
    }
  }
}
