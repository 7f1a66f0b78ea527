package dev.gatehouse.audit;

import dev.gatehouse.Rounds;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.redact.Redactor;
import dev.gatehouse.bench.Figures;
import dev.gatehouse.bench.Pace;
import dev.gatehouse.bench.Unit;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** The audit log's figures, each with its baseline in the same run. */
public final class AuditBench {
  private static final dev.gatehouse.action.Ids IDS = new dev.gatehouse.action.Ids();
  private static final int ROUNDS = Pace.current().rounds();
  private static final int WRITERS = 256;
  private static final int BULK = 1_000;
  private static final int BULK_WRITERS = 4;
  private static final long FAR_CHAIN = 1_000_000;

  private final int seconds;
  private final int queryRows;
  private final Vertx vertx =
      Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true)).build();
  private final Database database;
  private final EmbeddedDatabase embedded;
  private final AuditLog log;
  private final Path data;
  private final Figures figures = Figures.of("audit");
  private long bareChain = FAR_CHAIN;

  private AuditBench(int seconds, int queryRows) throws Exception {
    this.seconds = Pace.current().of(seconds);
    this.queryRows = queryRows;
    data = Files.createTempDirectory("gatehouse-bench");
    embedded = EmbeddedDatabase.start(data);
    database = await(Database.open(vertx, embedded.connectOptions(), 4));
    Configuration configuration =
        Configuration.load(
            Path.of("conf/gatehouse.yaml"), Map.of("GATEHOUSE_DATA", data.toString()));
    log =
        await(
            AuditLog.start(
                vertx, database, configuration.audit(), "bench", data, new LatencyRegistry()));
  }

  /** Runs all scenarios and prints their figures. */
  public static void main(String[] args) throws Exception {
    AuditBench bench =
        new AuditBench(
            args.length > 0 ? Integer.parseInt(args[0]) : 8,
            args.length > 1 ? Integer.parseInt(args[1]) : 10_000_000);
    String scenarios = args.length > 2 ? args[2] : "1234567";
    print("JDK %s, %d processors", Runtime.version(), Runtime.getRuntime().availableProcessors());
    for (int i = 0; i < scenarios.length(); i++) {
      bench.run(scenarios.charAt(i));
    }
    bench.figures.close();
    await(bench.log.close());
    await(bench.database.close());
    bench.embedded.close();
    await(bench.vertx.close());
  }

  private void run(char scenario) throws Exception {
    switch (scenario) {
      case '1' -> redaction();
      case '2' -> oneAtATime();
      case '3' -> constantRate();
      case '4' -> throughput();
      case '5' -> memory();
      case '6' -> verify();
      case '7' -> queries();
      case '8' -> postings();
      case '9' -> bulk();
      default -> throw new IllegalArgumentException("scenarios are 1 to 9, not " + scenario);
    }
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(10, TimeUnit.MINUTES);
  }

  private static AuditEvent event(int n) {
    String detail =
        "{\"arguments\":{\"command\":\"ls -la /var/log && wc -l /var/log/syslog\"},\"score\":12,"
            + "\"tookNanos\":41237,\"reasons\":[{\"rule\":\"reads-logs\",\"code\":\"allow.read\","
            + "\"text\":\"reading logs changes nothing\"}],\"obligations\":[\"no-egress\","
            + "\"sandbox\"],\"n\":"
            + n
            + "}";
    return new AuditEvent(
        Instant.now(),
        EventKind.DECISION,
        IDS.next(),
        null,
        "default",
        "session-" + n % 1000,
        "agent-" + n % 50,
        "agent",
        n % 3 == 0 ? "python" : "bash",
        n % 10 == 0 ? "HIGH" : "LOW",
        n % 20 == 0 ? "DENY" : "ALLOW",
        "rule-" + n % 40,
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        null,
        41_237L,
        null,
        detail);
  }

  // 1. Redaction

  private void redaction() {
    Redactor redactor = new Redactor(new byte[32], false);
    String plain = event(1).detail().repeat(3);
    String secrets =
        plain.replace("reading logs", "password=hunter2 postgresql://u:hunter2@db/x token here");
    Rounds rounds = new Rounds();
    for (int round = -2; round < ROUNDS; round++) {
      for (Map.Entry<String, String> text :
          List.of(Map.entry("plain", plain), Map.entry("with secrets", secrets))) {
        double perKb = redact(redactor, text.getValue());
        if (round >= 0) {
          rounds.add(text.getKey(), perKb);
        }
      }
    }
    rounds.print("1 redaction, us/kB (at most 50)");
  }

  private static double redact(Redactor redactor, String text) {
    int count = 20_000;
    int length = 0;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      length += redactor.text(text).length();
    }
    double kb = length / 1024.0;
    return (System.nanoTime() - start) / 1e3 / kb;
  }

  // 2. One durable write at a time

  private void oneAtATime() throws Exception {
    PgConnection connection = await(database.connect());
    for (int round = -1; round < ROUNDS; round++) {
      Histogram ours = new Histogram(3);
      Histogram bare = new Histogram(3);
      for (int i = 0; i < 200 * seconds; i++) {
        long start = System.nanoTime();
        await(log.before(List.of(event(i))));
        ours.recordValue(System.nanoTime() - start);
        start = System.nanoTime();
        await(bareInsert(connection, List.of(event(i))));
        bare.recordValue(System.nanoTime() - start);
      }
      if (round >= 0) {
        figures.times("audit.write", ours, bare);
      }
    }
    await(connection.close());
  }

  private Future<?> bareInsert(PgConnection connection, List<AuditEvent> events) {
    Buffer[] hashes = new Buffer[events.size()];
    Arrays.fill(hashes, Buffer.buffer(new byte[32]));
    return connection
        .preparedQuery(AuditRows.insertion(events.size()))
        .execute(AuditRows.parameters(bareChain++, 1, Instant.now(), events, hashes));
  }

  // 3. A constant rate

  private void constantRate() throws Exception {
    for (int round = -1; round < ROUNDS; round++) {
      Histogram latency = new Histogram(3);
      int count = 1000 * seconds;
      AtomicInteger open = new AtomicInteger(count);
      Promise<Void> done = Promise.promise();
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long intended = begin + i * 1_000_000L;
        while (System.nanoTime() < intended) {
          LockSupport.parkNanos(intended - System.nanoTime());
        }
        log.before(List.of(event(i)))
            .onComplete(committed -> {
              synchronized (latency) {
                latency.recordValue(System.nanoTime() - intended);
              }
              if (open.decrementAndGet() == 0) {
                done.complete();
              }
            });
      }
      await(done.future());
      if (round >= 0) {
        figures.times("audit.at-1000-a-second", latency);
      }
    }
  }

  // 4. Throughput

  private void throughput() throws Exception {
    PgConnection connection = await(database.connect());
    for (int round = -1; round < ROUNDS; round++) {
      Duration here = cpu(ProcessHandle.current());
      Duration there = databaseCpu();
      double ours = writers(1);
      here = cpu(ProcessHandle.current()).minus(here);
      there = databaseCpu().minus(there);
      double bare = bareBatches(connection, WRITERS);
      if (round >= 0) {
        double micros = 1e3 * ours * seconds;
        figures.add("audit.throughput.processor", Unit.MICROS, here.toNanos() / micros);
        figures.add("audit.throughput.postgresql", Unit.MICROS, there.toNanos() / micros);
        figures.add("audit.throughput", Unit.PER_SECOND, ours, bare);
      }
    }
    await(connection.close());
  }

  // 9. Many events a commit, as a batch of decisions has them

  private void bulk() throws Exception {
    PgConnection connection = await(database.connect());
    for (int round = -1; round < ROUNDS; round++) {
      double ours = writers(BULK);
      double bare = bareBatches(connection, BULK);
      if (round >= 0) {
        figures.add("audit.bulk", Unit.PER_SECOND, ours, bare);
      }
    }
    await(connection.close());
  }

  private Duration databaseCpu() {
    return ProcessHandle.of(embedded.pid()).stream()
        .flatMap(ProcessHandle::children)
        .map(AuditBench::cpu)
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static Duration cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Events a second of many who write so many at once. */
  private double writers(int size) throws Exception {
    long begin = System.nanoTime();
    long end = begin + seconds * 1_000_000_000L;
    AtomicInteger count = new AtomicInteger();
    List<Future<Void>> writers = new ArrayList<>();
    int perLoop = size == 1 ? WRITERS / 2 : BULK_WRITERS / 2;
    // As in the server: callers are event loops, here two.
    for (int loop = 0; loop < 2; loop++) {
      Promise<Void> done = Promise.promise();
      writers.add(done.future());
      vertx
          .getOrCreateContext()
          .runOnContext(start -> {
            AtomicInteger open = new AtomicInteger(perLoop);
            for (int i = 0; i < perLoop; i++) {
              writeOn(end, size, count, open, done);
            }
          });
    }
    await(Future.all(writers));
    return count.get() / ((System.nanoTime() - begin) / 1e9);
  }

  private void writeOn(
      long end, int size, AtomicInteger count, AtomicInteger open, Promise<Void> done) {
    if (System.nanoTime() > end) {
      if (open.decrementAndGet() == 0) {
        done.complete();
      }
      return;
    }
    log.before(events(count.getAndAdd(size), size))
        .onComplete(written -> writeOn(end, size, count, open, done));
  }

  private static List<AuditEvent> events(int first, int count) {
    List<AuditEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(event(first + i));
    }
    return events;
  }

  private double bareBatches(PgConnection connection, int size) throws Exception {
    long begin = System.nanoTime();
    long end = begin + seconds * 1_000_000_000L;
    int count = 0;
    while (System.nanoTime() < end) {
      await(bareInsert(connection, events(count, size)));
      count += size;
    }
    return count / ((System.nanoTime() - begin) / 1e9);
  }

  // 5. Memory

  private void memory() throws Exception {
    // Caches, classes and buffers have their size after these.
    write(200_000);
    long before = liveHeap();
    write(Pace.current().of(1_000_000));
    figures.add("memory.events", Unit.PERCENT, 100.0 * (liveHeap() - before) / before);
  }

  private void write(int count) throws Exception {
    int total = 0;
    while (total < count) {
      List<Future<Void>> wave = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        wave.add(log.before(List.of(event(total++))));
      }
      await(Future.all(wave));
    }
  }

  private static long liveHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  // 6. Verification

  private void verify() throws Exception {
    await(
        database
            .pool()
            .withTransaction(connection ->
                connection
                    .query(
                        "set local session_replication_role = replica; delete from audit_event"
                            + " where chain >= "
                            + FAR_CHAIN)
                    .execute()));
    Rounds rounds = new Rounds();
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      Verifier.Report report =
          Verification.ofDatabase(
              embedded.connectOptions(),
              null,
              null,
              Trust.read(data.resolve(AuditLog.DIRECTORY), null));
      if (!report.intact()) {
        throw new IllegalStateException("not intact: " + report.findings());
      }
      rounds.add("rows", (double) report.rows());
      rounds.add("rows/s (at least 200,000)", report.rows() / ((System.nanoTime() - start) / 1e9));
    }
    rounds.print("6 verify");
  }

  // 7. Queries

  private void queries() throws Exception {
    await(
        database
            .pool()
            .query(
                "insert into audit_chain (chain, node, started_at) overriding system value values ("
                    + FAR_CHAIN
                    + ", 'far', now())")
            .execute());
    String template = AuditRows.COLUMNS.replace("chain, sequence, recorded_at, occurred_at, ", "");
    await(
        database
            .pool()
            .query(
                "insert into audit_event (chain, sequence, recorded_at, occurred_at, "
                    + template
                    + ") select "
                    + FAR_CHAIN
                    + ", n, date_trunc('day', now()) + n * interval '4 ms', now(), 1000,"
                    + " 'decision', 'action-' || (n / 3), null, 'default', 'session-' || n % 20000,"
                    + " 'agent-' || n % 500, 'agent', 'tool-' || n % 20, 'LOW', case n % 50 when 0"
                    + " then 'DENY' else 'ALLOW' end, 'rule-' || n % 100, 'sha256:abc', null, null,"
                    + " '{\"command\":\"ls -la /var/log/' || n || '\"}', '\\x00'::bytea from"
                    + " generate_series(1, "
                    + queryRows
                    + ") as n")
            .execute());
    await(database.pool().query("analyze audit_event").execute());
    Rounds rounds = new Rounds();
    for (Map.Entry<String, Map<String, String>> query :
        List.of(
            Map.entry("newest page", Map.<String, String>of()),
            Map.entry("one session", Map.of("session", "session-777")),
            Map.entry("one actor", Map.of("actor", "agent-77")),
            Map.entry("one tool denied", Map.of("tool", "tool-10", "outcome", "DENY")),
            Map.entry("the denied", Map.of("outcome", "DENY")),
            Map.entry("one rule", Map.of("rule", "rule-42")),
            Map.entry("a sandbox that never was", Map.of("sandbox", "none")))) {
      time(rounds, query.getKey(), query(query.getValue(), null));
    }
    time(rounds, "story of one action (5)", query(Map.of(), "action-" + queryRows / 6));
    rounds.print(String.format(Locale.ROOT, "7 a page of %,d rows, ms (at most 20)", queryRows));
  }

  private static AuditQuery query(
      Map<String, String> equal, @org.jspecify.annotations.Nullable String story) {
    return new AuditQuery(
        "default", equal, Map.of(), story, null, null, null, story != null, null, 100);
  }

  private void time(Rounds rounds, String name, AuditQuery query) throws Exception {
    for (int i = 0; i < 9; i++) {
      long start = System.nanoTime();
      await(log.reader().page(query));
      rounds.add(name, (System.nanoTime() - start) / 1e6);
    }
  }

  // 8. Postings, without writers, whose own work varies more than postings cost

  private void postings() throws Exception {
    int batches = Stretch.ROWS / 1_000;
    List<AuditEvent> events = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      events.add(event(i));
    }
    Rounds rounds = new Rounds();
    for (int round = -1; round < ROUNDS; round++) {
      Postings postings = new Postings(vertx, database);
      long chain = 2 * FAR_CHAIN + round;
      long through = 0;
      Duration here = cpu(ProcessHandle.current());
      Duration there = databaseCpu();
      for (int batch = 1; batch <= 100 * batches; batch++) {
        postings.committed(chain, through + 1, Instant.EPOCH.plusMillis(batch), events);
        through += events.size();
        if (batch % batches == 0) {
          await(posted(chain, through));
        }
      }
      here = cpu(ProcessHandle.current()).minus(here);
      there = databaseCpu().minus(there);
      if (round >= 0) {
        rounds.add("processor of this side, us/event", here.toNanos() / 1e3 / through);
        rounds.add("processor of PostgreSQL, us/event", there.toNanos() / 1e3 / through);
      }
    }
    rounds.print("8 postings");
  }

  private Future<Void> posted(long chain, long through) {
    return database
        .pool()
        .preparedQuery("select from audit_posted where chain = $1 and through = $2")
        .execute(Tuple.of(chain, through))
        .compose(rows ->
            rows.size() > 0
                ? Future.succeededFuture()
                : vertx.timer(2, TimeUnit.MILLISECONDS).compose(later -> posted(chain, through)));
  }
}
