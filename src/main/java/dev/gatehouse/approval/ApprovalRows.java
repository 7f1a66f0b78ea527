package dev.gatehouse.approval;

import dev.gatehouse.approval.Approval.State;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The SQL that reads many questions, or their events, and that counts who leaves. */
final class ApprovalRows {
  private static final String LEAVE =
      "update approval set asked = asked - 1 where id = $1 and asked > 1 and"
          + " state in ('pending', 'claimed', 'approved')";

  private final SqlClient client;

  ApprovalRows(SqlClient client) {
    this.client = client;
  }

  /** Of those, the ones that wait no more. */
  Future<List<Approval>> settled(Collection<String> ids) {
    return client
        .preparedQuery(
            "select "
                + ApprovalRow.COLUMNS
                + " from approval where id = any($1) and not "
                + ApprovalRow.IS_OPEN)
        .execute(Tuple.of(ids.toArray(String[]::new)))
        .map(ApprovalRow::readAll);
  }

  /**
   * A page, oldest first.
   *
   * @param state null for all that wait for an answer
   * @param actor null for everybody's
   * @param after the last id of the page before; empty for the first
   */
  Future<List<Approval>> page(
      String tenant, @Nullable State state, @Nullable String actor, String after, int limit) {
    Tuple values = Tuple.of(tenant, after, limit);
    String sql =
        "select " + ApprovalRow.LISTED + " from approval a where tenant = $1 and id > $2 and ";
    if (state == null) {
      sql += ApprovalRow.IS_OPEN;
    } else {
      values.addString(state.word());
      sql += "state = $4";
    }
    if (actor != null) {
      values.addString(actor);
      sql += " and actor = $" + values.size();
    }
    return client
        .preparedQuery(sql + " order by id limit $3")
        .execute(values)
        .map(ApprovalRow::readAll);
  }

  /** One who waits goes; false where he was the only one, or it is over. */
  Future<Boolean> leave(String id) {
    return client.preparedQuery(LEAVE).execute(Tuple.of(id)).map(rows -> rows.rowCount() == 1);
  }

  /** Where the events end now. */
  Future<EventCursor> end() {
    return client
        .query("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        .execute()
        .map(rows -> new EventCursor(rows.iterator().next().getLong(0) - 1, Long.MAX_VALUE));
  }

  /**
   * The events after a place, each with its question, in their order. Those whose transaction may
   * still be followed by an earlier one come later.
   *
   * @param actor null for everybody's
   */
  Future<List<Moved>> after(EventCursor cursor, String tenant, @Nullable String actor, int limit) {
    Tuple values = Tuple.of(tenant, cursor.transaction(), cursor.sequence(), limit);
    String own = "";
    if (actor != null) {
      values.addString(actor);
      own = " and e.actor = $5";
    }
    return client
        .preparedQuery(
            "select "
                + ApprovalRow.EVENT_COLUMNS
                + ", "
                + ApprovalRow.LISTED
                + " from approval_event as e join approval as a on a.id = e.approval where"
                + " e.tenant = $1 and (e.transaction, e.sequence) > ($2, $3) and e.transaction <"
                + " pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                + own
                + " order by e.transaction, e.sequence limit $4")
        .execute(values)
        .map(ApprovalRow::readAllMoved);
  }
}
