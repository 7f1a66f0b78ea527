package dev.gatehouse.audit;

import dev.gatehouse.audit.AuditQuery.Statement;
import dev.gatehouse.store.Database;
import dev.gatehouse.store.StoreFailure;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Questions to the log. May be used from any event loop. */
public final class AuditReader {
  private static final int LIMIT_SECONDS = 20;

  /** When the database has not even refused: it stands still. */
  private static final int GIVE_UP_SECONDS = LIMIT_SECONDS + 5;

  private static final String CANCELLED = "57014";

  /** Stands where the statement's first two parameters will. */
  private static final String PLACES = "";

  private final Database database;

  AuditReader(Database database) {
    this.database = database;
  }

  /**
   * One page of events. Fails with {@link SlowQueryException} if the database would look for it too
   * long.
   */
  public Future<Page> page(AuditQuery query) {
    return (query.isQuick() ? execute(query.page()) : executeSlow(query.page()))
        .map(rows -> {
          List<StoredEvent> events = AuditRows.read(rows);
          long found = rows.size() == 0 ? 0 : rows.iterator().next().getLong("found");
          return new Page(events, found == query.limit() || events.size() < found);
        });
  }

  /**
   * How many events, and how long they took, for each value of a column or each hour.
   *
   * @param groups the most frequent values, or the last hours, oldest first
   * @param more whether there are others
   */
  public record Statistics(JsonArray groups, boolean more) {}

  /** Statistics of at most {@value AuditQuery#MAX_LIMIT} values or hours. */
  public Future<Statistics> statistics(AuditQuery query, String by) {
    return executeSlow(query.statistics(by))
        .map(rows -> {
          List<JsonObject> groups = new ArrayList<>();
          for (Row row : rows) {
            groups.add(
                new JsonObject()
                    .put("value", row.getString("value"))
                    .put("count", row.getLong("count"))
                    .put("meanNanos", row.getLong("mean_nanos"))
                    .put("maxNanos", row.getLong("max_nanos")));
          }
          boolean more = groups.size() > AuditQuery.MAX_LIMIT;
          List<JsonObject> kept = more ? groups.subList(0, AuditQuery.MAX_LIMIT) : groups;
          return new Statistics(
              new JsonArray(by.equals(AuditQuery.HOUR) ? kept.reversed() : kept), more);
        });
  }

  /** In its turn: what looks through many rows must not take every connection. */
  private Future<RowSet<Row>> executeSlow(Statement statement) {
    return database.slow().ask(() -> execute(statement));
  }

  private Future<RowSet<Row>> execute(Statement statement) {
    // Sent without awaiting one another: a question costs one round trip, not four.
    return known(
        database
            .pool()
            .withConnection(connection -> {
              Future<?> begun =
                  connection
                      .query(
                          "begin; set local statement_timeout = '"
                              + LIMIT_SECONDS
                              + "s';"
                              + statement.planning())
                      .execute();
              Future<RowSet<Row>> found =
                  connection.preparedQuery(statement.sql()).execute(statement.parameters());
              Future<?> ended = connection.query("commit").execute();
              return Future.join(begun, found, ended).transform(all -> found);
            }));
  }

  /** With the failures that callers know. */
  private static <T> Future<T> known(Future<T> answer) {
    return answer
        .timeout(GIVE_UP_SECONDS, TimeUnit.SECONDS)
        .recover(failure -> Future.failedFuture(known(failure)));
  }

  private static Throwable known(Throwable failure) {
    if (failure instanceof PgException refused && CANCELLED.equals(refused.getSqlState())) {
      return new SlowQueryException(LIMIT_SECONDS);
    }
    return StoreFailure.isAway(failure)
        ? new AuditUnavailableException(
            AuditUnavailableException.Cause.AWAY, "the audit log cannot be read for now")
        : failure;
  }

  /**
   * The newest events that a receiver refused for good, of one tenant.
   *
   * @param limit 1 to {@value AuditQuery#MAX_LIMIT}
   */
  public Future<JsonArray> deadLetters(String tenant, int limit) {
    return execute(
            new Statement(
                "select sink, chain, sequence, reason, refused_at, kind, action from"
                    + " audit_dead_letter where tenant = $1 order by id desc limit "
                    + limit,
                Tuple.of(tenant)))
        .map(rows -> {
          JsonArray letters = new JsonArray();
          for (Row row : rows) {
            letters.add(
                new JsonObject()
                    .put("sink", row.getString("sink"))
                    .put("chain", row.getLong("chain"))
                    .put("sequence", row.getLong("sequence"))
                    .put("kind", row.getString("kind"))
                    .put("action", row.getString("action"))
                    .put("reason", row.getString("reason"))
                    .put("refusedAt", row.getOffsetDateTime("refused_at").toInstant().toString()));
          }
          return letters;
        });
  }

  /** Where every chain ends now. */
  public Future<Cursor> end() {
    return known(
        database
            .pool()
            .query(
                "select c.chain, coalesce((select max(sequence) from audit_event e where e.chain ="
                    + " c.chain), 0), (select coalesce(max(chain), 0) from audit_chain where"
                    + " started_at < now() - interval '1 hour') from audit_chain c where not exists"
                    + " (select from audit_chain n where n.node = c.node and n.chain > c.chain and"
                    + " n.started_at < now() - interval '1 hour')")
            .execute()
            .map(rows -> {
              Map<Long, Long> ends = new HashMap<>();
              long through = 0;
              for (Row row : rows) {
                ends.put(row.getLong(0), row.getLong(1));
                through = row.getLong(2);
              }
              Cursor end = new Cursor(ends);
              return new Cursor(ends, Math.max(end.through(), through));
            }));
  }

  /**
   * The events after a place, each chain in its order and without gaps, because each has one writer
   * that commits in order. The database's clock and commit order do not matter.
   *
   * @param limit the most events; fewer where they are large ({@link Page#MAX_DETAIL_BYTES})
   */
  public Future<Ahead> after(Cursor cursor, int limit) {
    return after(cursor, List.of(), "true", limit);
  }

  /** The same, of which those are shown that a query asks for; its order and limit do not count. */
  public Future<Ahead> after(Cursor cursor, AuditQuery query, int limit) {
    List<Object> parameters = new ArrayList<>(List.of(PLACES, PLACES));
    String shown = query.conditions(parameters);
    return after(cursor, parameters.subList(2, parameters.size()), shown, limit);
  }

  private Future<Ahead> after(Cursor cursor, List<Object> more, String shown, int limit) {
    return known(
        OpenChains.after(cursor, database.pool())
            .compose(open -> {
              Map<Long, Long> chains = open.places();
              List<Long> numbers = new ArrayList<>(chains.keySet());
              Tuple parameters =
                  Tuple.tuple()
                      .addArrayOfLong(numbers.toArray(Long[]::new))
                      .addArrayOfLong(numbers.stream().map(chains::get).toArray(Long[]::new));
              more.forEach(parameters::addValue);
              return database
                  .pool()
                  .preparedQuery(Ahead.sql(shown, limit))
                  .execute(parameters)
                  .map(rows -> Ahead.read(open.withoutUnseen(), rows));
            }));
  }
}
