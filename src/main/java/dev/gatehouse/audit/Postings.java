package dev.gatehouse.audit;

import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the values of the columns stand that have no index: table {@code audit_posting} has for
 * each value and each stretch of a thousand rows of a chain the rows that have it. The database
 * writes it behind the writer; what it has not come to yet is looked through.
 */
final class Postings {
  private static final Logger LOGGER = LoggerFactory.getLogger(Postings.class);
  private static final long PAUSE_MILLIS = 1_000;

  /** How many times as long as it works it rests: writers have nine tenths of the database. */
  private static final int REST = 9;

  /** Rows of a chain in one transaction: about a quarter of a second of one processor. */
  static final int MOST = 50_000;

  /**
   * What is looked for is known to be a few rows of known places. The planner guesses from its
   * statistics that a value it never saw is best looked for in the whole table.
   */
  static final String PLANNING =
      "set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_hashjoin"
          + " = off; set local enable_mergejoin = off";

  /** Columns that find few enough rows by an index of their own. */
  private static final Set<String> NARROW = Set.of("session", "action", "parent", "sandbox");

  private final Vertx vertx;
  private final Database database;
  private boolean failing;
  private volatile boolean closed;

  Postings(Vertx vertx, Database database) {
    this.vertx = vertx;
    this.database = database;
  }

  void start() {
    vertx.setTimer(PAUSE_MILLIS, id -> next());
  }

  void close() {
    closed = true;
  }

  private void next() {
    if (closed) {
      return;
    }
    long startNanos = System.nanoTime();
    post(database)
        .onComplete(
            rows -> {
              failing = false;
              long tookMillis = (System.nanoTime() - startNanos) / 1_000_000;
              vertx.setTimer(Math.max(PAUSE_MILLIS, REST * tookMillis), id -> next());
            },
            failure -> {
              if (!failing && !closed) {
                LOGGER.warn("rows are found slowly for now: {}", failure.getMessage());
              }
              failing = true;
              vertx.setTimer(PAUSE_MILLIS, id -> next());
            });
  }

  /** Goes on; gives how many rows there were. */
  static Future<Long> post(Database database) {
    return database
        .pool()
        .query("select audit_post(" + MOST + ")")
        .execute()
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * The column by whose values to look for rows: the one that says most. Empty where an index says
   * as much.
   */
  static String column(Map<String, String> equal, Set<String> indexedOutcomes) {
    if (equal.keySet().stream().anyMatch(NARROW::contains)) {
      return "";
    }
    for (String column : new String[] {"rule", "status"}) {
      if (equal.containsKey(column)) {
        return column;
      }
    }
    if (equal.containsKey("actor") || indexedOutcomes.contains(equal.getOrDefault("outcome", ""))) {
      return "";
    }
    return equal.containsKey("tool") ? "tool" : equal.containsKey("kind") ? "kind" : "";
  }

  /**
   * The rows of a page, in no order: those of a first walk tell how far back the page goes, because
   * stretches of several chains overlap in time; then all back to there, and what was not posted.
   *
   * @param posting which postings, of alias {@code p}, as SQL
   * @param rows which rows, as SQL
   */
  static String page(String posting, String rows, boolean oldestFirst, int limit) {
    String direction = oldestFirst ? "" : " desc";
    String in =
        "select * from audit_event where chain = p.chain and recorded_at between p.lo and p.hi and "
            + rows;
    String walk =
        "audit_posting p cross join lateral ("
            + in
            + " and p.places is null and sequence between p.first and p.last union all select e.*"
            + " from unnest(p.places) as r(place) cross join lateral ("
            + in
            + " and sequence = p.first + r.place) as e) as e where "
            + posting;
    String within =
        oldestFirst
            ? " and p.lo <= bound.at and e.recorded_at <= bound.at"
            : " and p.hi >= bound.at and e.recorded_at >= bound.at";
    return "with bound as materialized (select "
        + (oldestFirst ? "max" : "min")
        + "(recorded_at) as at from (select e.recorded_at from "
        + walk
        + " order by p.hi"
        + direction
        + " limit "
        + limit
        + ") as first) select e.* from bound, "
        + walk
        + within
        + " union all select e.* from audit_chain c left join audit_posted d on d.chain = c.chain"
        + " cross join lateral (select * from audit_event where chain = c.chain and sequence >"
        + " coalesce(d.through, 0) and "
        + rows
        + " order by sequence"
        + direction
        + " limit "
        + limit
        + ") as e where d.done is not true";
  }
}
