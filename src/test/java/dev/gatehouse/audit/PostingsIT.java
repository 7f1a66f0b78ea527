package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Pages by postings against a plain look through all rows, on chains that overlap in time and are
 * posted in part.
 */
class PostingsIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final long FIRST_CHAIN = 500_000;
  private static final int CHAINS = 4;
  private static final int ROWS = 5_300;

  private static final int STRETCH = 960;

  /** As far as stretches go: the fourth of the first chain ends with its day. */
  private static final String WHOLE = "4559,4800,4800,4800";

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern NODE = Pattern.compile("actual rows=([0-9.]+) loops=([0-9]+)");
  private static final Pattern REMOVED = Pattern.compile("Rows Removed by Filter: ([0-9]+)");

  private final AuditReader reader = new AuditReader(LOG.database());
  private final Postings postings = postings();

  private static Postings postings() {
    return new Postings(LOG.vertx(), LOG.database(), STRETCH);
  }

  private void postAll() {
    while (RunningLog.await(postings.catchUp()) > 0) {}
  }

  @BeforeEach
  void chainsThatOverlap() {
    LOG.tamper(
        "delete from audit_event; delete from audit_chain; delete from audit_checkpoint; delete"
            + " from audit_posting; delete from audit_posted");
    for (int i = 0; i < CHAINS; i++) {
      long chain = FIRST_CHAIN + i;
      LOG.tamper(
          "insert into audit_chain (chain, node, started_at) overriding system value values ("
              + chain
              + ", 'node', now())");
      // The second half as fast, each two rows of one time, a quarter of a day later each.
      LOG.tamper(
          "insert into audit_event (chain, sequence, recorded_at, occurred_at, kind, action, tenant,"
              + " session, actor, outcome, tool, rule, status, detail, hash) select "
              + chain
              + ", n, '2026-04-30T23:00:00Z'::timestamptz + "
              + i
              + " * interval '1 hour' + (n / 2 * "
              + (i % 2 + 1)
              + ") * interval '2 s', now(), case when n % 3 = 0 then 'decision' else 'alert' end, 'a-'"
              + " || n, case n % 7 when 0 then 'other' else 'tenant' end, 's-' || n % 10, 'actor-' || n"
              + " % 5, case n % 4 when 0 then 'DENY' else 'ALLOW' end, 'tool-' || n % 20, case when n"
              + " % 1009 = 1 then 'rare' else 'rule-' || n % 30 end, case when n between 2000 and 2100"
              + " then 'burst' end, '{}', '\\x00' from generate_series(1, "
              + ROWS
              + ") as n");
    }
  }

  private List<String> plain(AuditQuery query, int limit) {
    List<Object> parameters = new ArrayList<>();
    String direction = query.oldestFirst() ? "" : " desc";
    String sql =
        "select chain || ':' || sequence from audit_event where "
            + query.conditions(parameters)
            + " order by recorded_at"
            + direction
            + ", chain"
            + direction
            + ", sequence"
            + direction
            + " limit "
            + limit;
    List<String> places = new ArrayList<>();
    RunningLog.await(
            LOG.database()
                .pool()
                .preparedQuery(sql)
                .execute(io.vertx.sqlclient.Tuple.tuple(parameters)))
        .forEach(row -> places.add(row.getString(0)));
    return places;
  }

  private List<String> pages(AuditQuery query, int pages) {
    List<String> places = new ArrayList<>();
    AuditQuery next = query;
    for (int i = 0; i < pages; i++) {
      Page page = RunningLog.await(reader.page(next));
      page.events().forEach(event -> places.add(event.chain() + ":" + event.sequence()));
      if (!page.more()) {
        break;
      }
      next = query.after(AuditQuery.cursor(page.events().getLast()));
    }
    return places;
  }

  private void compareAll(Random random) {
    List<Map<String, String>> filters =
        List.of(
            Map.of("rule", "rare"),
            Map.of("rule", "rule-7"),
            Map.of("rule", "never"),
            Map.of("status", "burst"),
            Map.of("tool", "tool-3"),
            Map.of("kind", "decision"),
            Map.of("rule", "rule-7", "tool", "tool-3"),
            Map.of("rule", "rare", "outcome", "DENY"),
            Map.of("tool", "tool-3", "outcome", "DENY"),
            Map.of("kind", "alert", "actor", "actor-1"),
            Map.of("rule", "rule-7", "tool", "tool-17", "kind", "alert"),
            Map.of("rule", "rule-10", "tool", "tool-0", "kind", "alert", "status", "burst"),
            Map.of("rule", "rare", "kind", "alert", "role", "none"));
    for (Map<String, String> filter : filters) {
      for (boolean oldestFirst : new boolean[] {false, true}) {
        int limit = 1 + random.nextInt(60);
        AuditQuery query =
            new AuditQuery(
                "tenant",
                filter,
                new HashMap<>(),
                null,
                random.nextInt(3) == 0 ? time(random) : null,
                random.nextInt(3) == 0 ? time(random) : null,
                null,
                oldestFirst,
                null,
                limit);
        assertEquals(plain(query, 4 * limit), pages(query, 4), query.toString());
      }
    }
  }

  private static java.time.Instant time(Random random) {
    return java.time.Instant.parse("2026-04-30T23:00:00Z").plusSeconds(random.nextInt(20_000));
  }

  @Test
  void aPageIsTheSameHoweverMuchIsPosted() {
    Random random = new Random(42);
    // Nothing is posted.
    compareAll(random);
    // Some is: of the first chain all whole stretches, of the second two.
    for (int i = 0; i < 7; i++) {
      RunningLog.await(postings.catchUp());
    }
    assertEquals("4559,1920", through());
    compareAll(random);
    // All whole stretches are, by two servers at once.
    Postings other = postings();
    for (int i = 0; i < 2 * CHAINS * ROWS / STRETCH; i++) {
      RunningLog.await(Future.join(postings.catchUp(), other.catchUp()));
    }
    assertEquals(WHOLE, through());
    compareAll(random);
    // All but the last chain has ended long ago.
    LOG.tamper("update audit_chain set started_at = now() - interval '2 hours'");
    postAll();
    assertEquals("3", LOG.show("select count(*) from audit_posted where done"));
    assertEquals("5300", LOG.show("select max(through) from audit_posted"));
    compareAll(random);
  }

  private static String through() {
    return LOG.show(
        "select string_agg(through::text, ',' order by chain) from audit_posted where through > 0");
  }

  @Test
  void aStretchIsOfOneDay() {
    postAll();

    assertEquals(WHOLE, through());
    assertEquals(
        "0",
        LOG.show(
            "select count(*) from audit_posting where (lo at time zone 'UTC')::date <> (hi at time"
                + " zone 'UTC')::date"));
  }

  @Test
  void aChainWhoseDaysWereArchivedIsDone() {
    LOG.tamper("update audit_chain set started_at = now() - interval '2 hours'");
    RunningLog.await(postings.catchUp());
    LOG.tamper("delete from audit_event");

    postAll();

    assertEquals("3", LOG.show("select count(*) from audit_posted where done"));
  }

  @Test
  void theWriterPostsWhatItCommitted() {
    // Given
    AuditLog log = LOG.open("writer");
    String chain = "chain = " + log.chain();
    int rows = Stretch.ROWS + 100;

    // When
    for (int n = 0; n < rows; n += 100) {
      List<AuditEvent> events = new ArrayList<>();
      for (int i = n; i < n + 100; i++) {
        events.add(Events.decision("written-" + i, "{}"));
      }
      RunningLog.await(log.before(events));
    }

    // Then: not by reading again, for which it is not enough.
    Eventually.eventually(
        "a whole stretch is posted",
        LIMIT,
        () ->
            LOG.show("select coalesce(max(through), 0) from audit_posted where " + chain)
                .equals("" + Stretch.ROWS));
    assertEquals(
        "" + Stretch.ROWS,
        LOG.show(
            "select max(bit_count(many)) from audit_posting where name = 'kind' and " + chain));
    AuditQuery query =
        new AuditQuery(
            "default",
            Map.of("kind", "decision", "tool", "bash"),
            Map.of(),
            null,
            null,
            null,
            null,
            true,
            null,
            1_000);
    assertEquals(plain(query, 9_000), pages(query, 9));
    assertEquals(rows, pages(query, 9).size());
    RunningLog.await(log.close());
  }

  @ParameterizedTest
  @CsvSource({
    "rule, rare, tenant, tenant",
    "status, burst, rule, rare",
    "kind, never, tool, tool-3",
    "tool, never, rule, rule-7",
    "rule, never, kind, alert",
    "rule, rule-7, tool, tool-3",
    "rule, rule-7, status, burst"
  })
  void isFoundWithoutLookingThroughTheLog(
      String column, String value, String other, String otherValue) {
    // Given
    postAll();
    Map<String, String> equal = new HashMap<>(Map.of(column, value, other, otherValue));
    equal.remove("tenant");
    AuditQuery query =
        new AuditQuery("tenant", equal, Map.of(), null, null, null, null, false, null, 100);

    // When
    AuditQuery.Statement statement = query.page();
    StringBuilder plan = new StringBuilder();
    RunningLog.await(LOG.database().pool().query("vacuum analyze audit_event").execute());
    RunningLog.await(
            LOG.database()
                .pool()
                .withTransaction(connection ->
                    connection
                        .query(statement.planning())
                        .execute()
                        .compose(told ->
                            connection
                                .preparedQuery(
                                    "explain (analyze, costs off, timing off) " + statement.sql())
                                .execute(statement.parameters()))))
        .forEach(row -> plan.append(row.getString(0)).append('\n'));

    // Then: what is not posted of each chain is looked through, and else what is found, twice.
    int few = 2 * RunningLog.await(reader.page(query)).events().size();
    assertTrue(few < 100, "few: " + few);
    int unposted = 741 + 3 * 500;
    assertEquals(unposted, touched(plan.toString()), few, plan.toString());
  }

  /** Rows of the log that a plan's scans took or passed over. */
  private static double touched(String plan) {
    double touched = 0;
    double loops = 0;
    for (String line : plan.split("\n", -1)) {
      Matcher node = NODE.matcher(line);
      if (node.find()) {
        loops = line.contains(" on audit_event_") ? Double.parseDouble(node.group(2)) : 0;
        touched += loops * Double.parseDouble(node.group(1));
      }
      Matcher removed = REMOVED.matcher(line);
      if (removed.find()) {
        touched += loops * Double.parseDouble(removed.group(1));
      }
    }
    return touched;
  }
}
