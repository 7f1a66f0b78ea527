package dev.gatehouse.sandbox;

import dev.gatehouse.Api;
import dev.gatehouse.Api.Answer;
import dev.gatehouse.DatabaseTemplate;
import dev.gatehouse.bench.Figures;
import dev.gatehouse.bench.Pace;
import dev.gatehouse.bench.Unit;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Scenario {@code cycles}: a server in a process of its own creates a sandbox, runs code in it, and
 * destroys it, a thousand times. What is left, and what has grown since the warm-up.
 */
public final class SandboxCycles {
  private static final Pattern LISTENS = Pattern.compile("listens on http://[^:]+:(\\d+)");
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  private final Process server;
  private final Api api;

  private SandboxCycles(Process server, Api api) {
    this.server = server;
    this.api = api;
  }

  /** Takes the number of cycles, and of those that warm up before. */
  public static void main(String[] args) throws Exception {
    int cycles = args.length > 0 ? Integer.parseInt(args[0]) : Pace.current().of(1000);
    int warmUp = args.length > 1 ? Integer.parseInt(args[1]) : cycles / 5;
    Path data = Files.createTempDirectory("gatehouse-cycles");
    // Its heap is too small to unpack PostgreSQL in, which a server does once.
    DatabaseTemplate.copyTo(data);
    Path log = data.resolveSibling(data.getFileName() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseG1GC",
            "-XX:+UseCompactObjectHeaders",
            "-Xms128m",
            "-Xmx128m",
            "-XX:+AlwaysPreTouch",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.gatehouse.Gatehouse",
            "--config",
            "conf/gatehouse.yaml");
    builder.environment().putAll(Map.of("GATEHOUSE_DATA", data.toString(), "GATEHOUSE_PORT", "0"));
    builder.environment().put("GATEHOUSE_SANDBOX_WARM", "4");
    Process server = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      new SandboxCycles(server, new Api(port(server, log), data)).run(warmUp, cycles);
    } finally {
      server.destroy();
      server.onExit().join();
    }
  }

  private static int port(Process server, Path log) throws IOException {
    while (server.isAlive()) {
      Matcher listens = LISTENS.matcher(Files.readString(log));
      if (listens.find()) {
        return Integer.parseInt(listens.group(1));
      }
      LockSupport.parkNanos(50_000_000);
    }
    throw new IllegalStateException(Files.readString(log));
  }

  /** What the server takes at rest. */
  private record Footprint(long heapKib, long rssKib, int threads, int descriptors) {}

  private void run(int warmUp, int cycles) throws IOException, InterruptedException {
    cycle(warmUp);
    Footprint before = footprint();
    long began = System.nanoTime();
    cycle(cycles);
    double seconds = (System.nanoTime() - began) / 1e9;
    Footprint after = footprint();
    System.out.printf(
        Locale.ROOT,
        "%d cycles after %d to warm up, %.1f a second%n",
        cycles,
        warmUp,
        cycles / seconds);
    JsonObject sandbox = health();
    int left = sandbox.getInteger("leased") + sandbox.getInteger("removing");
    try (Figures figures = Figures.of("cycles")) {
      figures.add("memory.cycles", Unit.PERCENT, growth(before.heapKib(), after.heapKib()));
      figures.add("memory.cycles.rss", Unit.PERCENT, growth(before.rssKib(), after.rssKib()));
      figures.add("memory.cycles.threads", Unit.COUNT, after.threads() - before.threads());
      figures.add(
          "memory.cycles.descriptors", Unit.COUNT, after.descriptors() - before.descriptors());
      figures.add("memory.cycles.sandboxes-left", Unit.COUNT, left);
      figures.add("memory.cycles.rate", Unit.PER_SECOND, cycles / seconds);
    }
  }

  private static double growth(long before, long after) {
    return 100.0 * (after - before) / before;
  }

  /** Two callers: one would leave a processor idle while its sandbox goes. */
  private void cycle(int count) {
    CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> cycles(count / 2)),
            CompletableFuture.runAsync(() -> cycles(count - count / 2)))
        .join();
  }

  private void cycles(int count) {
    JsonObject wish = new JsonObject().put("session", "cycles");
    for (int n = 0; n < count; n++) {
      Answer made = api.post("agent", "/v1/sandboxes", wish);
      String path = "/v1/sandboxes/" + made.body().getString("id");
      Answer ran =
          api.post(
              "agent",
              path + "/executions",
              Api.execution("python", "6*7").put("session", "cycles"));
      Answer gone = api.delete("agent", path);
      if (made.status() != 201 || ran.status() != 200 || gone.status() != 200) {
        throw new IllegalStateException(made.body() + "\n" + ran.body() + "\n" + gone.body());
      }
    }
  }

  private JsonObject health() {
    return api.get("agent", "/healthz").body().getJsonObject("sandbox");
  }

  /** At rest: the pool full, nothing under way, no garbage. */
  private Footprint footprint() throws IOException, InterruptedException {
    JsonObject sandbox = health();
    while (sandbox.getInteger("ready") < 4
        || sandbox.getInteger("starting") + sandbox.getInteger("removing") > 0) {
      LockSupport.parkNanos(50_000_000);
      sandbox = health();
    }
    jcmd("GC.run");
    jcmd("GC.run");
    Matcher used = USED.matcher(jcmd("GC.heap_info"));
    if (!used.find()) {
      throw new IllegalStateException("no heap usage");
    }
    Path process = Path.of("/proc", String.valueOf(server.pid()));
    long rssKib =
        Files.readAllLines(process.resolve("status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum();
    return new Footprint(
        Long.parseLong(used.group(1)),
        rssKib,
        count(process.resolve("task")),
        count(process.resolve("fd")));
  }

  private static int count(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return (int) entries.count();
    }
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    String.valueOf(server.pid()),
                    command))
            .redirectErrorStream(true)
            .start();
    String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    jcmd.waitFor();
    return text;
  }
}
