package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.audit.Verifier.Report;
import dev.gatehouse.store.EmbeddedDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Kills the writing server, PostgreSQL or one of its backends at random points under load, then
 * compares what was acknowledged with what is stored.
 */
public final class KillRounds {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int EVENTS_BETWEEN = 50;
  private static final int MAX_PAUSE_MILLIS = 200;

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Path data;
  private final EmbeddedDatabase postgres;
  private final Random random;
  private Process writer;
  private Thread reading;

  private KillRounds(Path data, long seed) throws IOException {
    this.data = data;
    this.postgres = EmbeddedDatabase.start(data);
    this.random = new Random(seed);
    startWriter(0);
  }

  /** Runs as many rounds as its argument says. */
  public static void main(String[] args) throws Exception {
    long startNanos = System.nanoTime();
    String told = run(Integer.parseInt(args[0]), System.nanoTime());
    System.out.printf("%s, %d s%n", told, (System.nanoTime() - startNanos) / 1_000_000_000L);
    System.exit(0);
  }

  /**
   * Throws an {@link AssertionError} for what was lost, doubled or changed; gives what was done.
   */
  static String run(int rounds, long seed) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-kill");
    KillRounds kills = new KillRounds(data, seed);
    try {
      int[] times = new int[3];
      for (int round = 1; round <= rounds; round++) {
        times[kills.kill(round)]++;
      }
      kills.stopWriter();
      kills.assertStoredOnce();
      kills.assertIntact();
      return "%d events acknowledged and stored once, seed %d; killed: server %d, PostgreSQL %d, a backend %d"
          .formatted(kills.acknowledged.size(), seed, times[0], times[1], times[2]);
    } finally {
      kills.writer.destroyForcibly().waitFor();
      kills.postgres.close();
      try (Stream<Path> files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private int kill(int round) throws Exception {
    awaitMore();
    Thread.sleep(random.nextInt(MAX_PAUSE_MILLIS));
    int victim = random.nextInt(3);
    switch (victim) {
      case 0 -> {
        writer.destroyForcibly().waitFor();
        reading.join();
        startWriter(round);
      }
      case 1 -> ProcessHandle.of(postgres.pid()).ifPresent(ProcessHandle::destroyForcibly);
      default -> {
        List<ProcessHandle> backends =
            ProcessHandle.of(postgres.pid()).stream().flatMap(ProcessHandle::children).toList();
        if (!backends.isEmpty()) {
          backends.get(random.nextInt(backends.size())).destroyForcibly();
        }
      }
    }
    return victim;
  }

  private void awaitMore() {
    int before = acknowledged.size();
    Eventually.eventually(
        "events are committed by a writer, alive: "
            + writer.isAlive()
            + ", which said: "
            + lastWords(),
        LIMIT,
        () -> acknowledged.size() > before + EVENTS_BETWEEN);
  }

  private String lastWords() {
    try {
      List<String> lines = Files.readAllLines(data.resolve("writer.log"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
    } catch (IOException e) {
      return "nothing";
    }
  }

  private void startWriter(int round) throws IOException {
    Eventually.eventually("PostgreSQL takes connections", LIMIT, this::connects);
    writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WriterProcess.class.getName(),
                data.toString(),
                "r" + round + "-")
            .redirectError(ProcessBuilder.Redirect.appendTo(data.resolve("writer.log").toFile()))
            .start();
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII));
    reading = Thread.ofVirtual().start(() -> read(lines));
  }

  /** A server that starts while PostgreSQL recovers would give up, as its supervisor expects. */
  private boolean connects() {
    try (Connection connection = Verification.connect(postgres.connectOptions())) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  /** A line that the kill cut is the beginning of a name: it counts only if it is whole. */
  private void read(BufferedReader lines) {
    try {
      StringBuilder line = new StringBuilder();
      for (int c = lines.read(); c >= 0; c = lines.read()) {
        if (c == '\n') {
          acknowledged.add(line.toString());
          line.setLength(0);
        } else {
          line.append((char) c);
        }
      }
    } catch (IOException e) {
      // The pipe of a killed process.
    }
  }

  private void stopWriter() throws Exception {
    awaitMore();
    writer.getOutputStream().write('\n');
    writer.getOutputStream().flush();
    assertTrue(writer.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), "the writer stops");
    assertEquals(0, writer.exitValue());
    reading.join();
  }

  private void assertStoredOnce() throws Exception {
    Map<String, Integer> stored = new HashMap<>();
    try (Connection connection = Verification.connect(postgres.connectOptions());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select action from audit_event")) {
      while (rows.next()) {
        stored.merge(rows.getString(1), 1, Integer::sum);
      }
    }
    for (String action : acknowledged) {
      assertEquals(1, stored.get(action), action);
    }
    assertTrue(stored.values().stream().allMatch(count -> count == 1), "nothing twice");
  }

  private void assertIntact() throws Exception {
    Report report =
        Verification.ofDatabase(
            postgres.connectOptions(),
            null,
            null,
            Trust.read(data.resolve(AuditLog.DIRECTORY), null));
    assertTrue(report.intact(), report.toString());
  }
}
