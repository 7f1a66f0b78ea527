package dev.gatehouse.approval;

import dev.gatehouse.action.Risk;
import dev.gatehouse.approval.Approval.State;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Questions and their events as rows: which columns they have, and what these say. */
final class ApprovalRow {
  static final String COLUMNS =
      "id, action, tenant, session, actor, holder, tool, risk, digest, same, policy, demand, terms,"
          + " reasons, context, arguments, edit, edited_arguments, state, version, asked,"
          + " claimed_by, answers, created_at, expires_at, decided_at, preview, preview_shown";

  /**
   * The same of {@code a}, for many rows at once: without the arguments and what previews did,
   * which may be very large.
   */
  static final String LISTED =
      Stream.of(COLUMNS.split(", ", -1))
          .map(column ->
              switch (column) {
                case "arguments", "edited_arguments", "preview_shown" -> "null::text as " + column;
                default -> "a." + column;
              })
          .collect(Collectors.joining(", "));

  static final String IS_OPEN = "state in ('pending', 'claimed')";

  /** After a statement's {@code moved}: writes its rows' events, each from what follows. */
  static final String TELL =
      ", told as (insert into approval_event (tenant, approval, actor, kind, by, state, detail)"
          + " select moved.tenant, moved.id, moved.actor, ";

  /** Ends {@code told}. */
  static final String TOLD =
      " returning sequence, transaction, at, approval, kind, by, state as state_after, detail)";

  /** What was moved, each with its event. */
  static final String RETURN_MOVED =
      " select moved.*, told.* from moved join told on told.approval = moved.id";

  static final String EVENT_COLUMNS =
      "e.sequence, e.transaction, e.at, e.approval, e.kind, e.by, e.state as state_after, e.detail";

  private ApprovalRow() {}

  static List<Approval> readAll(Iterable<Row> rows) {
    List<Approval> approvals = new ArrayList<>();
    rows.forEach(row -> approvals.add(read(row)));
    return approvals;
  }

  static List<Moved> readAllMoved(Iterable<Row> rows) {
    List<Moved> moved = new ArrayList<>();
    rows.forEach(row -> moved.add(readMoved(row)));
    return moved;
  }

  static Moved readMoved(Row row) {
    return new Moved(read(row), readEvent(row));
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

  static Approval read(Row row) {
    JsonObject edit = row.getJsonObject("edit");
    JsonObject preview = row.getJsonObject("preview");
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
        row.getString("demand"),
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
        decidedAt == null ? null : decidedAt.toInstant(),
        preview == null ? null : Preview.read(preview, row.getString("preview_shown")));
  }
}
