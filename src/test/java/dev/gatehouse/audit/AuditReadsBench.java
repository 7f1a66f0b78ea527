package dev.gatehouse.audit;

import dev.gatehouse.Rounds;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How long questions take in a day of many rows to which rows are still added. The database stays
 * in its folder and is filled once.
 */
public final class AuditReadsBench {
  private static final int ROUNDS = 15;

  /** Asked before, so that each connection knows the statement; not counted. */
  private static final int WARM_UPS = 8;

  /** What the writer has not posted yet: nearly a stretch. */
  private static final int UNPOSTED = Stretch.ROWS - 1;

  private static final int CHUNK = 500_000;
  private static final long CHAIN = 1_000_000;

  /** What a page of rows costs whose places are known. */
  private static final String BARE =
      "select * from audit_event where chain = "
          + CHAIN
          + " and sequence between $1 and $1 + 99 order by sequence";

  private final int rows;
  private final Database database;
  private final AuditReader reader;
  private final Postings postings;
  private final Rounds figures = new Rounds();

  private AuditReadsBench(Vertx vertx, Database database, int rows) {
    this.database = database;
    this.postings = new Postings(vertx, database);
    this.reader = new AuditReader(database);
    this.rows = rows + UNPOSTED;
  }

  /** Fills what is missing, asks, and prints how long each answer took. */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(args[0]).toAbsolutePath();
    Vertx vertx = Vertx.vertx();
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(data)) {
      Database database = await(Database.open(vertx, embedded.connectOptions(), 4));
      AuditReadsBench bench = new AuditReadsBench(vertx, database, Integer.parseInt(args[1]));
      bench.fill();
      bench.post();
      bench.ask();
      await(database.close());
    }
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(20, TimeUnit.MINUTES);
  }

  private void fill() throws Exception {
    await(database.pool().query("select audit_event_add_days(current_date - 1, 3)").execute());
    long there =
        await(
                database
                    .pool()
                    .query(
                        "select coalesce(max(sequence), 0) from audit_event where chain = " + CHAIN)
                    .execute())
            .iterator()
            .next()
            .getLong(0);
    for (long n = there; n < rows; n += CHUNK) {
      await(database.pool().query(insertion(n + 1, Math.min(rows, n + CHUNK))).execute());
      print("%,d rows", n + CHUNK);
    }
    if (there < rows) {
      await(
          database
              .pool()
              .query(
                  "insert into audit_chain (chain, node, started_at) overriding system value values ("
                      + CHAIN
                      + ", 'bench', current_date) on conflict do nothing")
              .execute());
      await(database.pool().query("vacuum (analyze, freeze) audit_event").execute());
    }
  }

  /** Lets the database come to what is behind the writer. */
  private void post() throws Exception {
    long start = System.nanoTime();
    long posted = 0;
    long more;
    do {
      more = await(postings.catchUp());
      posted += more;
    } while (more > 0);
    if (posted > 0) {
      print("%,d rows posted, %.1f us each", posted, (System.nanoTime() - start) / 1e3 / posted);
      await(database.pool().query("vacuum (analyze) audit_posting").execute());
      await(database.pool().query("analyze audit_event").execute());
    }
  }

  /** Rules, tools, kinds and statuses from one in two rows to one in a million. */
  private static String insertion(long from, long to) {
    String thin =
        "when n %% 1000000 = %1$d then 'rare-%2$s-6' when n %% 100000 = %1$d then 'rare-%2$s-5'"
            + " when n %% 10000 = %1$d then 'rare-%2$s-4' when n %% 1000 = %1$d then 'rare-%2$s-3'";
    return "insert into audit_event ("
        + AuditRows.COLUMNS
        + ") select "
        + CHAIN
        + ", n, current_date + n * interval '8 ms', current_date + n * interval '8 ms', 1000,"
        + " case n % 4 when 0 then 'execution.started' when 1 then 'execution.ended' else 'decision'"
        + " end, 'action-' || (n / 3), null, 'default', 'session-' || n % 20000, 'agent-' || n % 500,"
        + " 'agent', case "
        + String.format(Locale.ROOT, thin, 11, "tool")
        + " else 'tool-' || n % 20 end, case n % 10 when 0 then 'HIGH' else 'LOW' end,"
        + " case n % 50 when 0 then 'DENY' else 'ALLOW' end, case "
        + String.format(Locale.ROOT, thin, 7, "rule")
        + " else 'rule-' || n % 100 end, 'sha256:abc', null, case "
        + String.format(Locale.ROOT, thin, 13, "status")
        + " when n % 4 = 1 then 'exited' end, '{\"arguments\":{\"command\":\"ls -la /var/log/' || n ||"
        + " '\"},\"reasons\":[{\"rule\":\"reads-logs\",\"code\":\"allow.read\",\"text\":\"reading logs"
        + " changes nothing\"}],\"obligations\":[\"no-egress\",\"sandbox\"]}',"
        + " sha256(n::text::bytea) from generate_series("
        + from
        + "::bigint, "
        + to
        + ") as n";
  }

  private void ask() throws Exception {
    Map<String, AuditQuery> questions = questions();
    Map<String, Integer> found = new LinkedHashMap<>();
    for (int round = -WARM_UPS; round < ROUNDS; round++) {
      for (Map.Entry<String, AuditQuery> question : questions.entrySet()) {
        long start = System.nanoTime();
        int events = answer(question.getValue());
        add(round, question.getKey(), start);
        found.put(question.getKey(), events);
      }
      long start = System.nanoTime();
      await(database.pool().preparedQuery(BARE).execute(Tuple.of(rows / 2L)));
      add(round, "(100 rows by primary key)", start);
    }
    print("rows found: %s", found);
    figures.print(
        String.format(
            Locale.ROOT, "%,d rows, %d of them not posted; ms (20, a story 5)", rows, UNPOSTED));
  }

  private void add(int round, String question, long startNanos) {
    if (round >= 0) {
      figures.add(question, (System.nanoTime() - startNanos) / 1e6);
    }
  }

  private int answer(AuditQuery question) throws TimeoutException {
    try {
      return await(reader.page(question)).events().size();
    } catch (SlowQueryException e) {
      return -1;
    }
  }

  private Map<String, AuditQuery> questions() {
    Map<String, AuditQuery> questions = new LinkedHashMap<>();
    questions.put("newest", where());
    questions.put("one session", where("session", "session-777"));
    questions.put("one actor", where("actor", "agent-77"));
    questions.put("the denied", where("outcome", "DENY"));
    questions.put("a sandbox that never was", where("sandbox", "none"));
    questions.put("rule of 1 in 100", where("rule", "rule-42"));
    for (int thin = 3; thin <= 6; thin++) {
      questions.put("rule of 1 in 10^" + thin, where("rule", "rare-rule-" + thin));
    }
    questions.put("tool of 1 in 10^4", where("tool", "rare-tool-4"));
    questions.put("status of 1 in 10^5", where("status", "rare-status-5"));
    questions.put("kind of 1 in 2", where("kind", "decision"));
    questions.put("a kind that never was", where("kind", "alert"));
    questions.put("a rule that never was", where("rule", "none"));
    questions.put("tool and DENY", where("tool", "tool-10", "outcome", "DENY"));
    questions.put("rule 10^4 and tool", where("rule", "rare-rule-4", "tool", "tool-7"));
    questions.put("common rule and tool that meet", where("rule", "rule-42", "tool", "tool-2"));
    questions.put("common rule and tool, never", where("rule", "rule-42", "tool", "tool-3"));
    questions.put(
        "common tool and kind, never", where("tool", "tool-3", "kind", "execution.started"));
    questions.put(
        "rule, tool and kind that meet",
        where("rule", "rule-42", "tool", "tool-2", "kind", "decision"));
    questions.put(
        "tool, status and kind, never",
        where("tool", "tool-5", "status", "exited", "kind", "execution.started"));
    questions.put(
        "rule, actor and DENY", where("rule", "rule-50", "actor", "agent-50", "outcome", "DENY"));
    // Rows are 8 ms apart.
    Instant middle = Instant.now().truncatedTo(ChronoUnit.DAYS).plusMillis(8L * rows / 2);
    questions.put("an hour in the middle", during(middle, Map.of(), null));
    questions.put("an hour in the middle, a rule", during(middle, Map.of("rule", "rule-42"), null));
    questions.put(
        "an hour in the middle, rule and tool, never",
        during(middle, Map.of("rule", "rule-42", "tool", "tool-3"), null));
    questions.put(
        "a word of an actor in an hour", during(middle, Map.of("actor", "agent-77"), "logs"));
    questions.put(
        "a word of a rare rule",
        new AuditQuery(
            "default",
            Map.of("rule", "rare-rule-5"),
            Map.of(),
            null,
            null,
            null,
            "logs",
            false,
            null,
            100));
    questions.put(
        "story of one action",
        new AuditQuery(
            "default",
            Map.of(),
            Map.of(),
            "action-" + rows / 6,
            null,
            null,
            null,
            true,
            null,
            1000));
    return questions;
  }

  private static AuditQuery where(String... equal) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < equal.length; i += 2) {
      values.put(equal[i], equal[i + 1]);
    }
    return new AuditQuery("default", values, Map.of(), null, null, null, null, false, null, 100);
  }

  private static AuditQuery during(Instant from, Map<String, String> equal, @Nullable String text) {
    return new AuditQuery(
        "default",
        equal,
        Map.of(),
        null,
        from,
        from.plus(Duration.ofHours(1)),
        text,
        false,
        null,
        100);
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
