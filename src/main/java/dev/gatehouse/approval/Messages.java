package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/**
 * Which messages were taken already, for all servers of a database. One whose server ends before
 * its answer is stored, or says nothing more of it, may be taken again a while later.
 */
public final class Messages {
  /** Longer than the taking of an answer lasts, unless everything is slow. */
  private static final int UNSETTLED_SECONDS = 30;

  private final SqlClient client;

  Messages(SqlClient client) {
    this.client = client;
  }

  /** Takes a message; false if it was taken before, or is being taken, by whichever server. */
  public Future<Boolean> take(String channel, String id) {
    return client
        .preparedQuery(
            "insert into approval_message as m (channel, id) values ($1, $2) on conflict (channel,"
                + " id) do update set taken_at = clock_timestamp() where not m.settled and"
                + " m.taken_at < clock_timestamp() - $3 * interval '1 s'")
        .execute(Tuple.of(channel, id, UNSETTLED_SECONDS))
        .map(rows -> rows.rowCount() == 1);
  }

  /** Has a message never taken again: its answer is stored. */
  public Future<Void> settle(String channel, String id) {
    return client
        .preparedQuery("update approval_message set settled = true where channel = $1 and id = $2")
        .execute(Tuple.of(channel, id))
        .mapEmpty();
  }

  /** Gives a message back that led to nothing, so that it may come again. */
  public Future<Void> giveBack(String channel, String id) {
    return client
        .preparedQuery(
            "delete from approval_message where channel = $1 and id = $2 and not settled")
        .execute(Tuple.of(channel, id))
        .mapEmpty();
  }

  /** Forgets what is so old. */
  Future<Void> forget(long seconds) {
    return client
        .preparedQuery(
            "delete from approval_message where taken_at < clock_timestamp() - $1::bigint *"
                + " interval '1 s'")
        .execute(Tuple.of(seconds))
        .mapEmpty();
  }
}
