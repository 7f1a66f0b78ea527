package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.DatabaseTemplate;
import dev.gatehouse.Eventually;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * Kills the server that asked, then again and again the one that runs what was approved, and
 * compares what ran with what is stored.
 */
@SuppressWarnings("NullAway.Init")
public final class ApprovalKills {
  static final Map<String, String> SETTINGS =
      Map.of(
          "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "1000000",
          "GATEHOUSE_APPROVAL_PENDING_PER_AGENT", "1000000",
          "GATEHOUSE_APPROVAL_USE_MILLIS", "86400000");

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** A server is killed about so often while it runs what was approved. */
  private static final int KILLS = 4;

  private final Path data;
  private final Pool pool;
  private final Queue<String> printed = new ConcurrentLinkedQueue<>();
  private Process process;
  private Thread reading;

  private ApprovalKills(Path data, Pool pool) {
    this.data = data;
    this.pool = pool;
  }

  /** As many questions as its argument says. */
  public static void main(String[] args) throws Exception {
    System.out.println(run(Integer.parseInt(args[0]), System.nanoTime()));
    System.exit(0);
  }

  /** Throws an {@link AssertionError} for what was lost or ran twice; gives what was done. */
  static String run(int pending, long seed) throws Exception {
    Path data = Files.createTempDirectory("gatehouse-approval-kills");
    DatabaseTemplate.copyTo(data);
    Vertx vertx = Vertx.vertx();
    try (EmbeddedDatabase postgres = EmbeddedDatabase.start(data)) {
      Pool pool = PgBuilder.pool().connectingTo(postgres.connectOptions()).using(vertx).build();
      return new ApprovalKills(data, pool).rounds(pending, new Random(seed)) + ", seed " + seed;
    } finally {
      ApprovalServers.await(vertx.close());
      try (Stream<Path> files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private String rounds(int pending, Random random) throws Exception {
    start(Integer.toString(pending));
    Eventually.eventually("all are asked", LIMIT, () -> printed.size() >= pending);
    List<String> deadlines = deadlines();
    assertEquals(pending, deadlines.size());
    kill();
    printed.clear();
    start("0");
    Eventually.eventually("a server is there again", LIMIT, () -> printed.contains("done"));
    assertEquals(deadlines, deadlines(), "all wait as long as they were to");
    kill();
    printed.clear();

    int kills = 2;
    start();
    while (!printed.contains("done")) {
      int enough = printed.size() + random.nextInt(1, 2 * pending / KILLS);
      Eventually.eventually(
          "some run: " + lastWords(),
          LIMIT,
          () -> printed.size() >= enough || printed.contains("done"));
      if (!printed.contains("done")) {
        kill();
        start();
        kills++;
      }
    }
    kill();
    return told(pending, kills);
  }

  /** Until all that it printed is read. */
  private void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    reading.join();
  }

  private String told(int pending, int kills) {
    printed.removeIf("done"::equals);
    Set<String> ran = new HashSet<>(printed);
    assertEquals(ran.size(), printed.size(), "nothing ran twice");
    assertEquals(
        Map.of("consumed", (long) pending),
        count("select state, count(*) from approval group by state"),
        "no right is left");
    Map<String, Long> uses =
        count(
            "select approval, count(*) from approval_event where kind = 'consumed' group by"
                + " approval");
    assertEquals(pending, uses.size());
    assertTrue(uses.values().stream().allMatch(used -> used == 1), "each was used once");
    return "%d approved, %d kills: %d ran, %d were used when the server died before it knew"
        .formatted(pending, kills, ran.size(), pending - ran.size());
  }

  private Map<String, Long> count(String sql) {
    Map<String, Long> counts = new TreeMap<>();
    for (Row row : ApprovalServers.await(pool.query(sql).execute())) {
      counts.put(row.getString(0), row.getLong(1));
    }
    return counts;
  }

  /** The questions that wait, each with its deadline. */
  private List<String> deadlines() {
    return ApprovalServers.await(
            pool.query(
                    "select id || ' ' || expires_at from approval where state = 'pending' order by id")
                .execute())
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private void start(String... count) throws IOException {
    process =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ApprovalProcess.class.getName(),
                            data.toString()),
                        Stream.of(count))
                    .toList())
            .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    reading = Thread.ofVirtual().start(() -> read(lines));
  }

  private Path log() {
    return data.resolve("process.log");
  }

  private String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log());
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
  }

  /** A line that the kill cut counts only if it is whole. */
  private void read(BufferedReader lines) {
    try {
      StringBuilder line = new StringBuilder();
      for (int c = lines.read(); c >= 0; c = lines.read()) {
        if (c == '\n') {
          printed.add(line.toString());
          line.setLength(0);
        } else {
          line.append((char) c);
        }
      }
    } catch (IOException e) {
      // The pipe of a killed process.
    }
  }
}
