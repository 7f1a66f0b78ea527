package dev.gatehouse.store;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Ids;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that are to be done once, however often they are sent: who comes again with the same key
 * gets the first one's reply, from any server of the database, for {@value #KEPT_HOURS} hours. May
 * be used from any event loop.
 */
public final class IdempotencyKeys {
  private static final Logger LOGGER = LoggerFactory.getLogger(IdempotencyKeys.class);
  private static final int KEPT_HOURS = 24;
  private static final long FORGET_MILLIS = 3_600_000;

  /** What becomes of a request with a key. */
  public sealed interface Claim {
    /** It is to be done now, and then kept or released. */
    record First() implements Claim {}

    /** It was done. */
    record Done(int status, String reply) implements Claim {}

    /** It is being done. */
    record Underway() implements Claim {}

    /** The key belongs to another request. */
    record Taken() implements Claim {}

    /** It was begun, and nobody will ever tell what it came to. */
    record Unknown() implements Claim {}
  }

  private final Database database;
  private final String node;
  private final String run = new Ids().next();
  private final long longestMillis;

  private IdempotencyKeys(Database database, String node, long longestMillis) {
    this.database = database;
    this.node = node;
    this.longestMillis = longestMillis;
  }

  /**
   * Starts to forget old keys, now and every hour.
   *
   * @param longestMillis how long a request may take: one of another server that has taken longer
   *     is one that will never reply
   */
  public static IdempotencyKeys start(
      Vertx vertx, Database database, String node, long longestMillis) {
    IdempotencyKeys keys = new IdempotencyKeys(database, node, longestMillis);
    keys.forget();
    vertx.setPeriodic(FORGET_MILLIS, timer -> keys.forget());
    return keys;
  }

  /** Claims a key for a request. Of many at once exactly one is the first. */
  public Future<Claim> claim(Actor actor, String key, Buffer fingerprint) {
    return database
        .pool()
        .preparedQuery(
            "insert into idempotency_key (tenant, actor, key, fingerprint, node, run)"
                + " values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
        .execute(Tuple.of(actor.tenant(), actor.name(), key, fingerprint, node, run))
        .compose(rows ->
            rows.rowCount() == 1
                ? Future.succeededFuture(new Claim.First())
                : find(actor, key).map(found -> judge(found, fingerprint)));
  }

  private Future<RowSet<Row>> find(Actor actor, String key) {
    return database
        .pool()
        .preparedQuery(
            "select fingerprint, node, run, status, reply,"
                + " claimed_at < now() - $4 * interval '1 ms' as late"
                + " from idempotency_key where tenant = $1 and actor = $2 and key = $3")
        .execute(Tuple.of(actor.tenant(), actor.name(), key, longestMillis));
  }

  private Claim judge(RowSet<Row> found, Buffer fingerprint) {
    if (found.size() == 0) {
      // Released since: whoever asks again is the first.
      return new Claim.Underway();
    }
    Row row = found.iterator().next();
    if (!row.getBuffer("fingerprint").equals(fingerprint)) {
      return new Claim.Taken();
    }
    if (row.getInteger("status") != null) {
      return new Claim.Done(row.getInteger("status"), row.getString("reply"));
    }
    boolean ofEarlierRun = node.equals(row.getString("node")) && !run.equals(row.getString("run"));
    return ofEarlierRun || row.getBoolean("late") ? new Claim.Unknown() : new Claim.Underway();
  }

  /** Keeps the reply of the request that was the first. */
  public Future<Void> keep(Actor actor, String key, int status, String reply) {
    return database
        .pool()
        .preparedQuery(
            "update idempotency_key set status = $4, reply = $5"
                + " where tenant = $1 and actor = $2 and key = $3")
        .execute(Tuple.of(actor.tenant(), actor.name(), key, status, reply))
        .mapEmpty();
  }

  /** Gives a key back because nothing was done. */
  public Future<Void> release(Actor actor, String key) {
    return database
        .pool()
        .preparedQuery(
            "delete from idempotency_key"
                + " where tenant = $1 and actor = $2 and key = $3 and status is null")
        .execute(Tuple.of(actor.tenant(), actor.name(), key))
        .mapEmpty();
  }

  private void forget() {
    database
        .pool()
        .preparedQuery(
            "delete from idempotency_key where claimed_at < now() - $1 * interval '1 hour'")
        .execute(Tuple.of(KEPT_HOURS))
        .onFailure(
            failure -> LOGGER.warn("old idempotency keys stay for now: {}", failure.getMessage()));
  }
}
