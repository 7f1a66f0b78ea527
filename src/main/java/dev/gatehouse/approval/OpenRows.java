package dev.gatehouse.approval;

import dev.gatehouse.store.Gathering;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that opens questions, many in one statement: what is open is counted once for all of
 * them, and they count one another. Nothing becomes of one that is open already, or that a limit
 * forbids. Servers that open at the same instant do not see each other's, so together they may
 * exceed a limit by what one statement of each has.
 */
final class OpenRows implements Gathering.Statement<Approval, Optional<Moved>> {
  private static final int USUAL_BYTES = 2048;

  private static final String OPEN =
      Columns.wanted(
              "id text",
              "action text",
              "tenant text",
              "session text",
              "actor text",
              "holder text",
              "tool text",
              "risk text",
              "digest text",
              "same text",
              "policy text",
              "demand text",
              "terms text",
              "reasons text",
              "context text",
              "arguments text",
              "timeout_millis bigint",
              "remind_millis bigint")
          + ", fresh as materialized (select distinct on (tenant, digest, demand) * from wanted order"
          + " by tenant, digest, demand, place),"
          + " held as materialized (select tenant, actor, (select count(*) from approval a where"
          + " a.tenant = p.tenant and a.actor = p.actor and a."
          + ApprovalRow.IS_OPEN
          + ") as open from (select distinct tenant, actor from fresh) p),"
          + " own as (select f.*, h.open + row_number() over (partition by f.tenant, f.actor order"
          + " by f.place) as of_actor from fresh f join held h on h.tenant = f.tenant and h.actor"
          + " = f.actor),"
          + " ranked as (select o.*, row_number() over (order by o.place) as nth from own o where"
          + " of_actor <= $20),"
          + " moved as (insert into approval ("
          + ApprovalRow.COLUMNS
          + ", remind_at) select id, action, tenant, session, actor, holder, tool, risk, digest,"
          + " same, policy, demand, terms::jsonb, reasons, context, arguments, null, null, 'pending', 0, 1,"
          + " null, '[]', clock_timestamp(), clock_timestamp() + timeout_millis * interval '1 ms',"
          + " null, null, null, clock_timestamp() + nullif(remind_millis, 0) * interval '1 ms' from ranked"
          + " where nth + (select count(*) from approval where "
          + ApprovalRow.IS_OPEN
          + ") <= $19 order by tenant, digest, demand on conflict do nothing returning *)"
          + ApprovalRow.TELL
          + "'requested', actor, state, '{}' from moved"
          + ApprovalRow.TOLD
          + ApprovalRow.RETURN_MOVED;

  private final SqlClient client;
  private final int maxPending;
  private final int maxPendingOfActor;

  OpenRows(SqlClient client, int maxPending, int maxPendingOfActor) {
    this.client = client;
    this.maxPending = maxPending;
    this.maxPendingOfActor = maxPendingOfActor;
  }

  @Override
  public Future<List<Optional<Moved>>> send(List<Approval> questions) {
    return client
        .preparedQuery(OPEN)
        .execute(
            new Columns<>(questions)
                .text(Approval::id)
                .text(Approval::action)
                .text(Approval::tenant)
                .text(Approval::session)
                .text(Approval::actor)
                .text(Approval::holder)
                .text(Approval::tool)
                .text(question -> question.risk().name())
                .text(Approval::digest)
                .text(Approval::same)
                .text(Approval::policy)
                .text(Approval::demand)
                .json(question -> TermsJson.of(question.terms()))
                .text(Approval::reasons)
                .text(Approval::context)
                .text(question -> Objects.requireNonNull(question.arguments(), "arguments"))
                .bigint(question -> question.terms().timeoutMillis())
                .bigint(question -> question.terms().remindMillis())
                .tuple()
                .addInteger(maxPending)
                .addInteger(maxPendingOfActor))
        .map(rows -> {
          Map<String, Moved> opened = new HashMap<>();
          rows.forEach(row -> opened.put(row.getString("id"), ApprovalRow.readMoved(row)));
          List<Optional<Moved>> all = new ArrayList<>(questions.size());
          questions.forEach(question -> all.add(Optional.ofNullable(opened.get(question.id()))));
          return all;
        });
  }

  @Override
  public int bytes(Approval question) {
    String arguments = question.arguments();
    return USUAL_BYTES
        + (arguments == null ? 0 : arguments.length())
        + question.context().length()
        + question.reasons().length();
  }

  @Override
  public @Nullable Object key(Approval question) {
    return null;
  }
}
