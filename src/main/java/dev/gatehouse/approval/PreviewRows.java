package dev.gatehouse.approval;

import dev.gatehouse.approval.RefusedException.Why;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/**
 * The SQL that lets previews begin: one of a question at a time, whichever server runs it, and so
 * many in all. One whose server died is waited for no longer than it may take.
 */
final class PreviewRows {
  private static final String BEGIN =
      "with known as (select id, previews, coalesce(preview_until > clock_timestamp(), false) as"
          + " busy from approval where tenant = $1 and id = $2 and "
          + ApprovalRow.IS_OPEN
          + " and expires_at > clock_timestamp() for update), begun as (update approval a set"
          + " previews = a.previews + 1, preview_until = clock_timestamp() + $4::bigint * interval"
          + " '1 ms' from known k where a.id = k.id and not k.busy and k.previews < $3 returning"
          + " a.previews) select k.busy, b.previews as number from known k left join begun b on"
          + " true";

  private final SqlClient client;

  PreviewRows(SqlClient client) {
    this.client = client;
  }

  /** Begins one that takes no longer than so; gives its number. Fails where none may begin. */
  Future<Integer> begin(String tenant, String id, int most, long millis) {
    return client
        .preparedQuery(BEGIN)
        .execute(Tuple.of(tenant, id, most, millis))
        .map(rows -> number(rows, most));
  }

  private static int number(RowSet<Row> rows, int most) {
    if (rows.size() == 0) {
      throw new RefusedException(Why.TOO_LATE, "the question is over");
    }
    Row row = rows.iterator().next();
    if (row.getBoolean("busy")) {
      throw new RefusedException(Why.PREVIEW_UNDER_WAY, "a preview of it is under way");
    }
    Integer number = row.getInteger("number");
    if (number == null) {
      throw new RefusedException(
          Why.PREVIEWS_EXHAUSTED, "it was previewed " + most + " times already");
    }
    return number;
  }

  /** Ends one that is not kept: the next may begin. */
  Future<Void> end(String id, int number) {
    return client
        .preparedQuery("update approval set preview_until = null where id = $1 and previews = $2")
        .execute(Tuple.of(id, number))
        .mapEmpty();
  }

  /** Takes one back that did not run: it counts for nothing. */
  Future<Void> giveBack(String id, int number) {
    return client
        .preparedQuery(
            "update approval set previews = previews - 1, preview_until = null where id = $1 and"
                + " previews = $2")
        .execute(Tuple.of(id, number))
        .mapEmpty();
  }
}
