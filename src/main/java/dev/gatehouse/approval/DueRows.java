package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * The SQL of what time does to questions. Rows that somebody else moves just then are skipped, so
 * it never waits for a move. The database's clock alone says what is due, so servers need not agree
 * on the time.
 */
final class DueRows {
  /** What one list of approvers said does not count for the next. */
  private static final String ESCALATE =
      "with due as (select id from approval where "
          + ApprovalRow.IS_OPEN
          + " and expires_at <= clock_timestamp() and terms ? 'escalation' order by expires_at"
          + " limit $1 for update skip locked), moved as (update approval as a set state ="
          + " 'pending', version = version + 1, claimed_by = null, answers = '[]', expires_at ="
          + " clock_timestamp() + (terms->>'timeoutMillis')::bigint * interval '1 ms', remind_at ="
          + " clock_timestamp() + (terms->>'remindMillis')::bigint * interval '1 ms', terms ="
          + " (terms - 'escalation' - 'duty') || jsonb_build_object('approvers',"
          + " jsonb_build_array(terms->'escalation'->0)) || case when"
          + " jsonb_array_length(terms->'escalation') > 1 then jsonb_build_object('escalation',"
          + " (terms->'escalation') - 0) else '{}' end from due where a.id = due.id returning "
          + ApprovalRow.LISTED
          + ")"
          + ApprovalRow.TELL
          + "'escalated', null, state, json_build_object('to', terms->'approvers')::text from moved"
          + ApprovalRow.TOLD
          + ApprovalRow.RETURN_MOVED;

  private static final String EXPIRE =
      "with due as (select id, state as was from approval where state in ('pending', 'claimed',"
          + " 'approved') and expires_at <= clock_timestamp() and (state = 'approved' or not terms"
          + " ? 'escalation') order by expires_at limit $1 for"
          + " update skip locked), moved as (update approval as a set state = 'expired', version ="
          + " version + 1, decided_at = coalesce(decided_at, clock_timestamp()), arguments = null,"
          + " edited_arguments = null, preview_shown = null from due where a.id = due.id"
          + " returning "
          + ApprovalRow.LISTED
          + ", due.was)"
          + ApprovalRow.TELL
          + "'expired', null, state, json_build_object('was', was)::text from moved"
          + ApprovalRow.TOLD
          + ApprovalRow.RETURN_MOVED;

  /** Not a move that another one could be decided before: the version stays. */
  private static final String REMIND =
      "with due as (select id from approval where "
          + ApprovalRow.IS_OPEN
          + " and remind_at <= clock_timestamp() and expires_at > clock_timestamp() order by"
          + " remind_at limit $1 for update skip locked), moved as (update approval as a set"
          + " remind_at = clock_timestamp() + (terms->>'remindMillis')::bigint * interval '1 ms'"
          + " from due where a.id = due.id returning "
          + ApprovalRow.LISTED
          + ")"
          + ApprovalRow.TELL
          + "'reminded', null, state, json_build_object('expiresAt', expires_at)::text from moved"
          + ApprovalRow.TOLD
          + ApprovalRow.RETURN_MOVED;

  private final SqlClient client;

  DueRows(SqlClient client) {
    this.client = client;
  }

  /** Has the next be asked where the time is over and there are any, at most so many. */
  Future<List<Moved>> escalateDue(int limit) {
    return client.preparedQuery(ESCALATE).execute(Tuple.of(limit)).map(ApprovalRow::readAllMoved);
  }

  /** Tells again of what still waits, at most so many. */
  Future<List<Moved>> remindDue(int limit) {
    return client.preparedQuery(REMIND).execute(Tuple.of(limit)).map(ApprovalRow::readAllMoved);
  }

  /** Expires what is due and has nobody left to ask, at most so many. */
  Future<List<Moved>> expireDue(int limit) {
    return client.preparedQuery(EXPIRE).execute(Tuple.of(limit)).map(ApprovalRow::readAllMoved);
  }

  /**
   * Takes events that nobody has said are in the audit log, and that are old enough to be there. No
   * other server is given them for as long again.
   */
  Future<List<Moved>> takeUnrecorded(int olderThanSeconds, int limit) {
    return client
        .preparedQuery(
            "with due as (select sequence from approval_event where not recorded and at <"
                + " clock_timestamp() - $1 * interval '1 s' and (taken_at is null or taken_at <"
                + " clock_timestamp() - $1 * interval '1 s') order by sequence limit $2 for update"
                + " skip locked), taken as (update approval_event as e set taken_at ="
                + " clock_timestamp() from due where e.sequence = due.sequence returning e.*)"
                + " select "
                + ApprovalRow.EVENT_COLUMNS
                + ", "
                + ApprovalRow.LISTED
                + " from taken as e join approval as a on a.id = e.approval order by e.sequence")
        .execute(Tuple.of(olderThanSeconds, limit))
        .map(ApprovalRow::readAllMoved);
  }

  Future<Void> recorded(List<Long> sequences) {
    return client
        .preparedQuery("update approval_event set recorded = true where sequence = any($1)")
        .execute(Tuple.of(sequences.toArray(Long[]::new)))
        .mapEmpty();
  }

  /**
   * Forgets what has been over for so long, the events of that time, and tallies of no budget.
   *
   * @param limit so many of each at most
   * @return whether there may be more
   */
  Future<Boolean> forget(int days, int limit) {
    return client
        .preparedQuery(
            "delete from approval where id in (select id from approval as a where state in"
                + " ('denied', 'expired', 'cancelled', 'consumed') and decided_at <"
                + " clock_timestamp() - $1 * interval '1 day' and not exists (select from"
                + " approval_event where approval = a.id and not recorded) limit $2)")
        .execute(Tuple.of(days, limit))
        .compose(questions ->
            client
                .preparedQuery(
                    "delete from approval_event where sequence in (select sequence from"
                        + " approval_event where recorded and at < clock_timestamp() - $1 *"
                        + " interval '1 day' order by sequence limit $2)")
                .execute(Tuple.of(days, limit))
                .map(events -> Math.max(questions.rowCount(), events.rowCount()) >= limit))
        .compose(more ->
            client
                .query(
                    "delete from approval_tally where minute < extract(epoch from"
                        + " clock_timestamp()) / 60 - 62")
                .execute()
                .map(more));
  }
}
