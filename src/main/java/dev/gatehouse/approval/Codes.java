package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/**
 * The use of persons' one-time codes, for all servers of a database: each is taken once, and few
 * may be tried within a while.
 */
public final class Codes {
  /** Tries within {@link #WINDOW_SECONDS}, those that are right not counted. */
  public static final int MAX_TRIES = 5;

  public static final int WINDOW_SECONDS = 300;

  private final SqlClient client;

  Codes(SqlClient client) {
    this.client = client;
  }

  /** Counts a try before anybody looks whether it is right; false if there were too many. */
  public Future<Boolean> mayTry(String tenant, String person) {
    return client
        .preparedQuery(
            "insert into approval_code as c (tenant, person) values ($1, $2) on conflict (tenant,"
                + " person) do update set tries = case when c.tried_since < clock_timestamp() - $3"
                + " * interval '1 s' then 1 else c.tries + 1 end, tried_since = case when"
                + " c.tried_since < clock_timestamp() - $3 * interval '1 s' then clock_timestamp()"
                + " else c.tried_since end returning tries")
        .execute(Tuple.of(tenant, person, WINDOW_SECONDS))
        .map(rows -> rows.iterator().next().getInteger(0) <= MAX_TRIES);
  }

  /** Takes the right code of a time step; false if that one or a later one was taken. */
  public Future<Boolean> take(String tenant, String person, long step) {
    return client
        .preparedQuery(
            "update approval_code set step = $3, tries = 0 where tenant = $1 and person = $2 and"
                + " step < $3")
        .execute(Tuple.of(tenant, person, step))
        .map(rows -> rows.rowCount() == 1);
  }

  /** Gives the code of a time step back, with which nothing was done. */
  public Future<Void> giveBack(String tenant, String person, long step) {
    return client
        .preparedQuery(
            "update approval_code set step = $3 - 1 where tenant = $1 and person = $2 and step ="
                + " $3")
        .execute(Tuple.of(tenant, person, step))
        .mapEmpty();
  }
}
