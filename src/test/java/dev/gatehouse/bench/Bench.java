package dev.gatehouse.bench;

import dev.gatehouse.bench.Comparison.Change;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code ./gatehouse bench}: runs scenarios one after the other, each in a JVM of its own with this
 * one's flags, and puts together what they measured; or compares two runs.
 */
public final class Bench {
  static final String USAGE =
      """
      Usage: ./gatehouse bench [--quick | --ci] [--out DIRECTORY] [SCENARIO...]
             ./gatehouse bench compare BEFORE.json AFTER.json

        --quick   fewer and shorter rounds: to see that everything runs
        --ci      few scenarios, judged by their ratios to the baseline alone; 1 if one is missed
        --out     where the results go; default: target/bench/TIME

      compare tells which figures changed beyond noise, and ends with 1 if one became worse,
      or a scenario of the second failed.

      Scenarios:
      """;

  private static final int LIMIT_MINUTES = 10;

  /** Databases, logs and libraries of the scenarios: removed when all have run. */
  private static final String SCRATCH = "scratch";

  private static final int LAST_LINES = 15;

  private final Pace pace;
  private final Path directory;

  private Bench(Pace pace, Path directory) {
    this.pace = pace;
    this.directory = directory;
  }

  /**
   * Exits with 1 if a scenario failed or something became worse, with 2 if it was told nonsense.
   */
  public static void main(String[] args) throws Exception {
    try {
      System.exit(run(List.of(args)));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  private static int run(List<String> args) throws IOException, InterruptedException {
    if (args.contains("--help") || args.contains("help")) {
      System.out.print(USAGE);
      Scenario.ALL.forEach(one -> System.out.printf("  %-16s %s%n", one.name(), one.text()));
      return 0;
    }
    if (!args.isEmpty() && args.getFirst().equals("compare")) {
      return compare(args.subList(1, args.size()));
    }
    Pace pace = Pace.FULL;
    Path directory = Path.of("target/bench", System.currentTimeMillis() / 1000 + "");
    List<Scenario> wanted = new ArrayList<>();
    for (int i = 0; i < args.size(); i++) {
      switch (args.get(i)) {
        case "--quick" -> pace = Pace.QUICK;
        case "--ci" -> pace = Pace.CI;
        case "--out" -> {
          if (++i == args.size()) {
            throw new IllegalArgumentException("--out needs a directory");
          }
          directory = Path.of(args.get(i));
        }
        default -> wanted.add(scenario(args.get(i)));
      }
    }
    Files.createDirectories(directory.resolve(SCRATCH));
    if (Files.exists(directory.resolve(Results.FILE))) {
      throw new IllegalArgumentException(directory + " has results already");
    }
    return new Bench(pace, directory).run(wanted.isEmpty() ? Scenario.of(pace) : wanted, args);
  }

  private static Scenario scenario(String name) {
    return Scenario.named(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown: "
                    + name
                    + "; scenarios are "
                    + String.join(", ", Scenario.ALL.stream().map(Scenario::name).toList())));
  }

  private static int compare(List<String> files) throws IOException {
    if (files.size() != 2) {
      throw new IllegalArgumentException("compare takes two results.json");
    }
    Results before = Results.read(Path.of(files.get(0)));
    Results after = Results.read(Path.of(files.get(1)));
    List<Change> changes = Comparison.of(before, after);
    System.out.print(Comparison.text(changes));
    List<String> missing = Comparison.missing(before, after);
    if (!missing.isEmpty()) {
      System.out.printf("%d only in the first: %s%n", missing.size(), String.join(", ", missing));
    }
    return after.hasFailed() ? 1 : Comparison.exitCode(changes);
  }

  private int run(List<Scenario> scenarios, List<String> args)
      throws IOException, InterruptedException {
    JsonObject run = Machine.describe(args);
    JsonArray ran = new JsonArray();
    int failed = 0;
    long began = System.nanoTime();
    for (int i = 0; i < scenarios.size(); i++) {
      Scenario scenario = scenarios.get(i);
      System.out.printf(
          "[%2d/%d] %-16s %-46s", i + 1, scenarios.size(), scenario.name(), scenario.text());
      System.out.flush();
      long start = System.nanoTime();
      boolean done = run(scenario);
      double seconds = (System.nanoTime() - start) / 1e9;
      remove(scratch(), "gatehouse");
      System.out.printf(Locale.ROOT, " %4.0f s%s%n", seconds, done ? "" : "  FAILED");
      if (!done) {
        failed++;
        lastLines(scenario);
      }
      ran.add(
          new JsonObject()
              .put("scenario", scenario.name())
              .put("seconds", seconds)
              .put("failed", !done));
    }
    remove(scratch(), "");
    run.put("minutes", Math.round((System.nanoTime() - began) / 6e9) / 10.0);
    Table table = write(Results.gather(directory, run, ran));
    System.out.println();
    System.out.print(table.text(Boolean.getBoolean("bench.colours")));
    System.out.printf(
        "%n%d of %d missed (!), %d scenarios failed; all of it in %s%n",
        table.missed(), table.lines().size(), failed, directory);
    return failed > 0 || (pace == Pace.CI && table.missed() > 0) ? 1 : 0;
  }

  private Table write(Results results) throws IOException {
    Table table = Table.of(results, pace);
    results.write(directory);
    StringBuilder facts = new StringBuilder();
    for (String name : results.run().fieldNames()) {
      facts.append("- %s: %s\n".formatted(name, results.run().getValue(name)));
    }
    Files.writeString(directory.resolve("table.md"), facts + "\n" + table.markdown());
    Page.write(results, table, directory);
    return table;
  }

  private boolean run(Scenario scenario) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-Dbench.pace"))
        .forEach(command::add);
    command.add("-D" + Pace.PROPERTY + "=" + pace.name().toLowerCase(Locale.ROOT));
    command.add("-Djava.io.tmpdir=" + scratch().toAbsolutePath());
    command.add("-D" + Figures.DIRECTORY + "=" + directory.toAbsolutePath());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), scenario.mainClass()));
    command.addAll(scenario.arguments());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log(scenario).toFile())
            .start();
    Thread stop = new Thread(() -> end(process));
    Runtime.getRuntime().addShutdownHook(stop);
    boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    end(process);
    Runtime.getRuntime().removeShutdownHook(stop);
    return ended && process.exitValue() == 0;
  }

  /** Ends it and what it started: a server removes its sandboxes as it ends. */
  private static void end(Process process) {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroy();
    all.forEach(ProcessHandle::destroy);
    process.onExit().completeOnTimeout(process, 60, TimeUnit.SECONDS).join();
  }

  private Path scratch() {
    return directory.resolve(SCRATCH);
  }

  /** Removes what is there and has a name that begins so; with no name, the directory as well. */
  private static void remove(Path directory, String begin) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry :
          entries.filter(one -> one.getFileName().toString().startsWith(begin)).toList()) {
        removeTree(entry);
      }
    }
    if (begin.isEmpty()) {
      Files.delete(directory);
    }
  }

  private static void removeTree(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Path log(Scenario scenario) {
    return directory.resolve(scenario.name() + ".log");
  }

  private void lastLines(Scenario scenario) throws IOException {
    List<String> lines = Files.readAllLines(log(scenario));
    lines
        .subList(Math.max(0, lines.size() - LAST_LINES), lines.size())
        .forEach(line -> System.out.println("    " + line));
  }
}
