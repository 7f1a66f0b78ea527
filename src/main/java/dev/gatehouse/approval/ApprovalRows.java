package dev.gatehouse.approval;

import dev.gatehouse.action.Risk;
import dev.gatehouse.approval.Approval.State;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The questions' SQL: the one place that knows their columns. Each move is one statement, which
 * writes the question and its event or neither. The database's clock alone says what has expired,
 * so servers need not agree on the time.
 */
final class ApprovalRows {
  private static final String COLUMNS =
      "id, action, tenant, session, actor, holder, tool, risk, digest, same, policy, terms,"
          + " reasons, context, arguments, edit, edited_arguments, state, version, asked, claimed_by, answers, created_at,"
          + " expires_at, decided_at";

  private static final String IS_OPEN = "state in ('pending', 'claimed')";

  private static final String TELL =
      ", told as (insert into approval_event (tenant, approval, actor, kind, by, state, detail)"
          + " select tenant, id, actor, ";

  private static final String TOLD =
      " from moved returning sequence, transaction, at, approval, kind, by, state as state_after,"
          + " detail) select moved.*, told.* from moved join told on told.approval = moved.id";

  private static final String JOIN =
      "update approval set asked = asked + 1 where tenant = $1 and digest = $2 and "
          + IS_OPEN
          + " and expires_at > clock_timestamp() returning "
          + COLUMNS;

  private static final String OPEN =
      "with moved as (insert into approval ("
          + COLUMNS
          + ", remind_at) select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, null, null, 'pending', 0, 1,"
          + " null, '[]', clock_timestamp(), clock_timestamp() + $16::bigint * interval '1 ms',"
          + " null, clock_timestamp() + nullif($19::bigint, 0) * interval '1 ms' where (select"
          + " count(*) from approval where "
          + IS_OPEN
          + ") < $17 and (select count(*) from approval where tenant = $3 and actor = $5 and "
          + IS_OPEN
          + ") < $18 on conflict do nothing returning *)"
          + TELL
          + "'requested', actor, state, '{}'"
          + TOLD;

  private static final String MOVE =
      "with moved as (update approval set state = $3, version = version + 1, claimed_by = $4,"
          + " answers = $5, expires_at = case when $6::bigint is null then expires_at else"
          + " clock_timestamp() + $6 * interval '1 ms' end,"
          + " decided_at = case when $3 in ('pending', 'claimed') then null else"
          + " coalesce(decided_at, clock_timestamp()) end,"
          + " arguments = case when $3 in ('pending', 'claimed', 'approved') then arguments end,"
          + " edited_arguments = case when $3 in ('pending', 'claimed', 'approved') then"
          + " $11 end, edit = $12, risk = $13, terms = $14"
          + " where id = $1 and version = $2 and expires_at > clock_timestamp()"
          + " and ($7::int is null or asked = $7) returning *)"
          + TELL
          + "$8, $9, state, $10"
          + TOLD;

  private static final String LEAVE =
      "update approval set asked = asked - 1 where id = $1 and asked > 1 and " + IS_OPEN;

  /** What one list of approvers said does not count for the next. */
  private static final String ESCALATE =
      "with due as (select id from approval where "
          + IS_OPEN
          + " and expires_at <= clock_timestamp() and terms ? 'escalation' order by expires_at"
          + " limit $1 for update skip locked), moved as (update approval as a set state ="
          + " 'pending', version = version + 1, claimed_by = null, answers = '[]', expires_at ="
          + " clock_timestamp() + (terms->>'timeoutMillis')::bigint * interval '1 ms', remind_at ="
          + " clock_timestamp() + (terms->>'remindMillis')::bigint * interval '1 ms', terms ="
          + " (terms - 'escalation' - 'duty') || jsonb_build_object('approvers',"
          + " jsonb_build_array(terms->'escalation'->0)) || case when"
          + " jsonb_array_length(terms->'escalation') > 1 then jsonb_build_object('escalation',"
          + " (terms->'escalation') - 0) else '{}' end from due where a.id = due.id returning a.*)"
          + TELL
          + "'escalated', null, state, json_build_object('to', terms->'approvers')::text"
          + TOLD;

  private static final String EXPIRE =
      "with due as (select id, state as was from approval where state in ('pending', 'claimed',"
          + " 'approved') and expires_at <= clock_timestamp() and (state = 'approved' or not terms"
          + " ? 'escalation') order by expires_at limit $1 for"
          + " update skip locked), moved as (update approval as a set state = 'expired', version ="
          + " version + 1, decided_at = coalesce(decided_at, clock_timestamp()), arguments = null,"
          + " edited_arguments = null from due where a.id = due.id returning a.*, due.was)"
          + TELL
          + "'expired', null, state, json_build_object('was', was)::text"
          + TOLD;

  /** Not a move that another one could be decided before: the version stays. */
  private static final String REMIND =
      "with due as (select id from approval where "
          + IS_OPEN
          + " and remind_at <= clock_timestamp() and expires_at > clock_timestamp() order by"
          + " remind_at limit $1 for update skip locked), moved as (update approval as a set"
          + " remind_at = clock_timestamp() + (terms->>'remindMillis')::bigint * interval '1 ms'"
          + " from due where a.id = due.id returning a.*)"
          + TELL
          + "'reminded', null, state, json_build_object('expiresAt', expires_at)::text"
          + TOLD;

  private static final String EVENT_COLUMNS =
      "e.sequence, e.transaction, e.at, e.approval, e.kind, e.by, e.state as state_after, e.detail";

  private final SqlClient client;

  ApprovalRows(SqlClient client) {
    this.client = client;
  }

  /** Joins an identical open question. */
  Future<Optional<Approval>> join(String tenant, String digest) {
    return one(JOIN, Tuple.of(tenant, digest));
  }

  /** Opens a question; nothing where an identical one is open, or a limit is reached. */
  Future<Optional<Moved>> open(Approval question, int maxPending, int maxPendingOfActor) {
    List<Object> values = new ArrayList<>();
    values.addAll(
        List.of(
            question.id(),
            question.action(),
            question.tenant(),
            question.session(),
            question.actor(),
            question.holder(),
            question.tool(),
            question.risk().name(),
            question.digest(),
            question.same(),
            question.policy(),
            TermsJson.of(question.terms()),
            question.reasons(),
            question.context(),
            Objects.requireNonNull(question.arguments(), "arguments"),
            question.terms().timeoutMillis(),
            maxPending,
            maxPendingOfActor,
            question.terms().remindMillis()));
    return moved(OPEN, Tuple.tuple(values));
  }

  /**
   * A move of one version of a question: nothing where it has been moved since, or has expired.
   *
   * @param before that version, or what an edit makes of it
   * @param forMillis how long it has from now on; null where that does not change
   * @param asked how many must be waiting for it; null for any
   */
  Future<Optional<Moved>> move(
      Approval before,
      State state,
      @Nullable String claimedBy,
      List<Answer> answers,
      @Nullable Long forMillis,
      @Nullable Integer asked,
      String kind,
      @Nullable String by,
      JsonObject detail) {
    Edit edit = before.edit();
    return moved(
        MOVE,
        Tuple.tuple()
            .addString(before.id())
            .addInteger(before.version())
            .addString(state.word())
            .addString(claimedBy)
            .addValue(AnswersJson.of(answers))
            .addLong(forMillis)
            .addInteger(asked)
            .addString(kind)
            .addString(by)
            .addString(detail.encode())
            .addString(edit == null ? null : edit.arguments())
            .addValue(edit == null ? null : edit.stored())
            .addString(before.risk().name())
            .addValue(TermsJson.of(before.terms())));
  }

  /** One who waits goes; false where he was the only one, or it is over. */
  Future<Boolean> leave(String id) {
    return client.preparedQuery(LEAVE).execute(Tuple.of(id)).map(rows -> rows.rowCount() == 1);
  }

  /** Has the next be asked where the time is over and there are any, at most so many. */
  Future<List<Moved>> escalateDue(int limit) {
    return client.preparedQuery(ESCALATE).execute(Tuple.of(limit)).map(ApprovalRows::readMoved);
  }

  /** Tells again of what still waits, at most so many. */
  Future<List<Moved>> remindDue(int limit) {
    return client.preparedQuery(REMIND).execute(Tuple.of(limit)).map(ApprovalRows::readMoved);
  }

  /** Expires what is due and has nobody left to ask, at most so many. */
  Future<List<Moved>> expireDue(int limit) {
    return client.preparedQuery(EXPIRE).execute(Tuple.of(limit)).map(ApprovalRows::readMoved);
  }

  Future<Optional<Approval>> find(String tenant, String id) {
    return one(
        "select " + COLUMNS + " from approval where tenant = $1 and id = $2", Tuple.of(tenant, id));
  }

  /** Of those, the ones that wait no more. */
  Future<List<Approval>> settled(Collection<String> ids) {
    return client
        .preparedQuery("select " + COLUMNS + " from approval where id = any($1) and not " + IS_OPEN)
        .execute(Tuple.of(ids.toArray(String[]::new)))
        .map(ApprovalRows::readAll);
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
    // Without the arguments: a page of them could be very large.
    String columns =
        COLUMNS
            .replace(" arguments,", " null::text as arguments,")
            .replace(" edited_arguments,", " null::text as edited_arguments,");
    Tuple values = Tuple.of(tenant, after, limit);
    String sql = "select " + columns + " from approval where tenant = $1 and id > $2 and ";
    if (state == null) {
      sql += IS_OPEN;
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
        .map(ApprovalRows::readAll);
  }

  /** How often a person approved within the last hour. */
  Future<Long> approvalsWithinTheHour(String tenant, String person) {
    return client
        .preparedQuery(
            "select count(*) from approval_event where tenant = $1 and by = $2 and kind ="
                + " 'decided' and state <> 'denied' and at > clock_timestamp() - interval '1 hour'")
        .execute(Tuple.of(tenant, person))
        .map(rows -> rows.iterator().next().getLong(0));
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
                + EVENT_COLUMNS
                + ", a.* from approval_event as e join approval as a on a.id = e.approval where"
                + " e.tenant = $1 and (e.transaction, e.sequence) > ($2, $3) and e.transaction <"
                + " pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                + own
                + " order by e.transaction, e.sequence limit $4")
        .execute(values)
        .map(ApprovalRows::readMoved);
  }

  /** Events that nobody has said are in the audit log, and that are old enough to be there. */
  Future<List<Moved>> unrecorded(int olderThanSeconds, int limit) {
    return client
        .preparedQuery(
            "select "
                + EVENT_COLUMNS
                + ", a.* from approval_event as e join approval as a on a.id = e.approval where not"
                + " e.recorded and e.at < clock_timestamp() - $1 * interval '1 s' order by"
                + " e.sequence limit $2")
        .execute(Tuple.of(olderThanSeconds, limit))
        .map(ApprovalRows::readMoved);
  }

  Future<Void> recorded(List<Long> sequences) {
    return client
        .preparedQuery("update approval_event set recorded = true where sequence = any($1)")
        .execute(Tuple.of(sequences.toArray(Long[]::new)))
        .mapEmpty();
  }

  /** Forgets what has been over for so long, and the events of that time. */
  Future<Void> forget(int days, int limit) {
    return client
        .preparedQuery(
            "delete from approval where id in (select id from approval as a where state in"
                + " ('denied', 'expired', 'cancelled', 'consumed') and decided_at <"
                + " clock_timestamp() - $1 * interval '1 day' and not exists (select from"
                + " approval_event where approval = a.id and not recorded) limit $2)")
        .execute(Tuple.of(days, limit))
        .compose(done ->
            client
                .preparedQuery(
                    "delete from approval_event where sequence in (select sequence from"
                        + " approval_event where recorded and at < clock_timestamp() - $1 *"
                        + " interval '1 day' order by sequence limit $2)")
                .execute(Tuple.of(days, limit)))
        .mapEmpty();
  }

  private Future<Optional<Approval>> one(String sql, Tuple values) {
    return client
        .preparedQuery(sql)
        .execute(values)
        .map(rows -> readAll(rows).stream().findFirst());
  }

  private Future<Optional<Moved>> moved(String sql, Tuple values) {
    return client
        .preparedQuery(sql)
        .execute(values)
        .map(rows -> readMoved(rows).stream().findFirst());
  }

  private static List<Approval> readAll(Iterable<Row> rows) {
    List<Approval> approvals = new ArrayList<>();
    rows.forEach(row -> approvals.add(read(row)));
    return approvals;
  }

  private static List<Moved> readMoved(Iterable<Row> rows) {
    List<Moved> moved = new ArrayList<>();
    rows.forEach(row -> moved.add(new Moved(read(row), readEvent(row))));
    return moved;
  }

  private static ApprovalEvent readEvent(Row row) {
    long sequence = row.getLong("sequence");
    return new ApprovalEvent(
        sequence,
        new EventCursor(row.getLong("transaction"), sequence),
        row.getString("approval"),
        row.getString("kind"),
        row.getString("by"),
        State.of(row.getString("state_after")),
        row.getOffsetDateTime("at").toInstant(),
        row.getString("detail"));
  }

  private static Approval read(Row row) {
    JsonObject edit = row.getJsonObject("edit");
    var decidedAt = row.getOffsetDateTime("decided_at");
    return new Approval(
        row.getString("id"),
        row.getString("action"),
        row.getString("tenant"),
        row.getString("session"),
        row.getString("actor"),
        row.getString("holder"),
        row.getString("tool"),
        Risk.valueOf(row.getString("risk")),
        row.getString("digest"),
        row.getString("same"),
        row.getString("policy"),
        TermsJson.read(row.getJsonObject("terms")),
        row.getString("reasons"),
        row.getString("context"),
        row.getString("arguments"),
        edit == null ? null : Edit.read(edit, row.getString("edited_arguments")),
        State.of(row.getString("state")),
        row.getInteger("version"),
        row.getInteger("asked"),
        row.getString("claimed_by"),
        AnswersJson.read((JsonArray) row.getJson("answers")),
        row.getOffsetDateTime("created_at").toInstant(),
        row.getOffsetDateTime("expires_at").toInstant(),
        decidedAt == null ? null : decidedAt.toInstant());
  }
}
