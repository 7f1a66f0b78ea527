package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/** Which messages were taken already, for all servers of a database. */
public final class Messages {
  private final SqlClient client;

  Messages(SqlClient client) {
    this.client = client;
  }

  /** Takes a message; false if it was taken before, by whichever server. */
  public Future<Boolean> take(String channel, String id) {
    return client
        .preparedQuery(
            "insert into approval_message (channel, id) values ($1, $2) on conflict do nothing")
        .execute(Tuple.of(channel, id))
        .map(rows -> rows.rowCount() == 1);
  }

  /** Gives a message back that led to nothing, so that it may come again. */
  public Future<Void> giveBack(String channel, String id) {
    return client
        .preparedQuery("delete from approval_message where channel = $1 and id = $2")
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
