package dev.gatehouse.audit;

import dev.gatehouse.store.Database;
import dev.gatehouse.store.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Arrays;
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
  private static final int ROUNDS = 9;
  private static final int CHUNK = 500_000;
  private static final long CHAIN = 1_000_000;

  private final int rows;
  private final Database database;
  private final AuditReader reader;

  private AuditReadsBench(Database database, int rows) {
    this.database = database;
    this.reader = new AuditReader(database);
    this.rows = rows;
  }

  /** Fills what is missing, asks, and prints how long each answer took. */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(args[0]).toAbsolutePath();
    Vertx vertx = Vertx.vertx();
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(data)) {
      Database database = await(Database.open(vertx, embedded.connectOptions(), 4));
      AuditReadsBench bench = new AuditReadsBench(database, Integer.parseInt(args[1]));
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
      more = await(Postings.post(database));
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
    time("page, newest", Map.of(), null, 20);
    time("page, one session", Map.of("session", "session-777"), null, 20);
    time("page, one actor", Map.of("actor", "agent-77"), null, 20);
    time("page, the denied", Map.of("outcome", "DENY"), null, 20);
    time("page, a sandbox that never was", Map.of("sandbox", "none"), null, 20);
    time("page, rule of 1 in 100", Map.of("rule", "rule-42"), null, 20);
    for (int thin = 3; thin <= 6; thin++) {
      time("page, rule of 1 in 10^" + thin, Map.of("rule", "rare-rule-" + thin), null, 20);
    }
    time("page, tool of 1 in 10^4", Map.of("tool", "rare-tool-4"), null, 20);
    time("page, status of 1 in 10^5", Map.of("status", "rare-status-5"), null, 20);
    time("page, a kind that never was", Map.of("kind", "alert"), null, 20);
    time("page, rule that never was", Map.of("rule", "none"), null, 20);
    time("page, tool and DENY", Map.of("tool", "tool-10", "outcome", "DENY"), null, 20);
    time("page, rule 10^4 and tool", Map.of("rule", "rare-rule-4", "tool", "tool-7"), null, 20);
    time(
        "page, rule and tool never together",
        Map.of("rule", "rule-42", "tool", "tool-3"),
        null,
        20);
    time("story of one action", Map.of(), "action-" + rows / 6, 5);
  }

  private void time(String name, Map<String, String> equal, @Nullable String story, int target)
      throws Exception {
    AuditQuery query =
        new AuditQuery(
            "default", equal, Map.of(), story, null, null, null, story != null, null, 100);
    double[] millis = new double[ROUNDS];
    int found = 0;
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      try {
        found = await(reader.page(query)).events().size();
      } catch (SlowQueryException e) {
        found = -1;
      }
      millis[i] = (System.nanoTime() - start) / 1e6;
      if (found < 0) {
        Arrays.fill(millis, millis[i]);
        break;
      }
    }
    Arrays.sort(millis);
    print(
        "%,d rows, %s: %.1f ms, slowest %.1f, %d rows (at most %d ms)",
        rows, name, millis[ROUNDS / 2], millis[ROUNDS - 1], found, target);
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
