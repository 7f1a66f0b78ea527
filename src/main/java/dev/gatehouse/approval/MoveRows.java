package dev.gatehouse.approval;

import dev.gatehouse.approval.Move.Done;
import dev.gatehouse.approval.Move.Gone;
import dev.gatehouse.approval.Move.Outcome;
import dev.gatehouse.approval.Move.OverBudget;
import dev.gatehouse.store.Gathering;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The moves' SQL: many moves in one statement, which writes each question with its event or
 * neither. Rows are locked in the order of their ids, so that servers whose batches overlap wait
 * for each other and never in a circle; a move whose question has another version by then is left
 * out. What persons answered is tallied by the minute (in a column that once counted approvals
 * alone): a budget costs the same however much that was, and the answers of one batch count one
 * another.
 */
final class MoveRows implements Gathering.Statement<Move, Outcome> {
  /** Of what is not an argument: an upper estimate that bounds a batch. */
  private static final int USUAL_BYTES = 2048;

  private static final String THIS_MINUTE =
      "floor(extract(epoch from statement_timestamp()) / 60)::bigint";

  private static final String MOVE =
      Columns.wanted(
              "id text",
              "version int",
              "new_state text",
              "claimed_by text",
              "answers text",
              "for_millis bigint",
              "asked int",
              "kind text",
              "person text",
              "detail text",
              "edited_arguments text",
              "edit text",
              "risk text",
              "terms text",
              "budget int",
              "preview text",
              "preview_shown text")
          + ", locked as (select w.*, a.tenant from wanted w join approval a on a.id = w.id where"
          + " a.version = w.version and a.expires_at > clock_timestamp() and (w.asked is null or"
          + " a.asked = w.asked) order by a.id for update of a),"
          + " spent as materialized (select p.tenant, p.person, (select coalesce(sum(t.approvals),"
          + " 0)::bigint from approval_tally t where t.tenant = p.tenant and t.person = p.person"
          + " and t.minute >= "
          + THIS_MINUTE
          + " - 60) as answers from (select distinct tenant, person from locked where budget is"
          + " not null) p),"
          + " ranked as (select l.*, coalesce(s.answers, 0) + row_number() over (partition by"
          + " l.tenant, l.person, l.kind = 'decided' order by l.place) as nth from locked l left join"
          + " spent s on s.tenant = l.tenant and s.person = l.person),"
          + " moved as (update approval as a set state = r.new_state, version = a.version + 1,"
          + " claimed_by = r.claimed_by, answers = r.answers::jsonb, expires_at = case when"
          + " r.for_millis is null then a.expires_at else clock_timestamp() + r.for_millis *"
          + " interval '1 ms' end, decided_at = case when r.new_state in ('pending', 'claimed')"
          + " then null else coalesce(a.decided_at, clock_timestamp()) end, arguments = case when"
          + " r.new_state in ('pending', 'claimed', 'approved') then a.arguments end,"
          + " edited_arguments = case when r.new_state in ('pending', 'claimed', 'approved') then"
          + " r.edited_arguments end, edit = r.edit::jsonb, risk = r.risk, terms = r.terms::jsonb,"
          + " preview = r.preview::jsonb, preview_shown = case when r.new_state in ('pending',"
          + " 'claimed', 'approved') then r.preview_shown end, preview_until = case when r.kind ="
          + " 'previewed' then null else a.preview_until end"
          + " from ranked r where a.id = r.id and a.version = r.version and (r.budget is null or"
          + " r.nth <= r.budget) returning a.*, r.kind as new_kind, r.person as new_by, r.detail as"
          + " new_detail),"
          + " tallied as (insert into approval_tally as t (tenant, person, minute, approvals)"
          + " select tenant, new_by, "
          + THIS_MINUTE
          + ", count(*) from moved where new_kind = 'decided' group by tenant, new_by order by"
          + " tenant, new_by on conflict (tenant, person, minute) do update set approvals ="
          + " t.approvals + excluded.approvals)"
          + ApprovalRow.TELL
          + "new_kind, new_by, state, new_detail from moved"
          + ApprovalRow.TOLD
          + " select r.id as wanted, r.nth, moved.*, told.* from ranked r left join moved on"
          + " moved.id = r.id left join told on told.approval = r.id";

  private final SqlClient client;

  MoveRows(SqlClient client) {
    this.client = client;
  }

  @Override
  public Future<List<Outcome>> send(List<Move> moves) {
    return client
        .preparedQuery(MOVE)
        .execute(
            new Columns<>(moves)
                .text(move -> move.before().id())
                .integer(move -> move.before().version())
                .text(move -> move.state().word())
                .text(Move::claimedBy)
                .text(move -> AnswersJson.of(move.answers()).encode())
                .bigint(Move::forMillis)
                .integer(Move::asked)
                .text(Move::kind)
                .text(Move::by)
                .text(move -> move.detail().encode())
                .text(Move::editedArguments)
                .json(Move::edit)
                .text(move -> move.before().risk().name())
                .json(move -> TermsJson.of(move.before().terms()))
                .integer(Move::budget)
                .json(Move::preview)
                .text(Move::previewShown)
                .tuple())
        .map(rows -> {
          Map<String, Outcome> outcomes = new HashMap<>();
          rows.forEach(row -> outcomes.put(row.getString("wanted"), outcome(row)));
          List<Outcome> all = new ArrayList<>(moves.size());
          moves.forEach(move -> all.add(outcomes.getOrDefault(move.before().id(), new Gone())));
          return all;
        });
  }

  private static Outcome outcome(Row row) {
    return row.getString("id") == null
        ? new OverBudget(row.getLong("nth") - 1)
        : new Done(ApprovalRow.readMoved(row));
  }

  @Override
  public int bytes(Move move) {
    String arguments = move.before().arguments();
    String edited = move.editedArguments();
    String shown = move.previewShown();
    return USUAL_BYTES
        + (shown == null ? 0 : shown.length())
        + (arguments == null ? 0 : arguments.length())
        + (edited == null ? 0 : edited.length());
  }

  /** A second move of a question would find another version. */
  @Override
  public Object key(Move move) {
    return move.before().id();
  }
}
