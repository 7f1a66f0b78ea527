package dev.gatehouse.approval;

import dev.gatehouse.action.Risk;
import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** The questions that wait for a person, kept in PostgreSQL. May be used from any event loop. */
public final class Approvals {
  private static final String COLUMNS =
      "id, action, tenant, session, actor, tool, risk, digest, policy, terms, state, created_at,"
          + " expires_at, decided_at";

  private final Vertx vertx;
  private final Database database;
  private final int maxPending;
  private final ApprovalVerticle clock;

  private Approvals(Vertx vertx, Database database, int maxPending, Consumer<Approval> onExpired) {
    this.vertx = vertx;
    this.clock = new ApprovalVerticle(this::expireDue, onExpired);
    this.database = database;
    this.maxPending = maxPending;
  }

  /**
   * Starts the clock that expires questions nobody answered.
   *
   * @param onExpired hears of each, once among all servers of the database
   */
  public static Future<Approvals> start(
      Vertx vertx, Database database, int maxPending, Consumer<Approval> onExpired) {
    Approvals approvals = new Approvals(vertx, database, maxPending, onExpired);
    return vertx.deployVerticle(approvals.clock).map(approvals);
  }

  /** Stops the clock; what is pending stays so. */
  public Future<Void> close() {
    return vertx.undeploy(clock.deploymentID());
  }

  /** Opens a question; fails with {@link TooManyPendingException} at the limit. */
  public Future<Approval> open(Approval approval) {
    return database
        .pool()
        .preparedQuery(
            "insert into approval ("
                + COLUMNS
                + ") select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', $11, $12, null where"
                + " (select count(*) from approval where state = 'pending') < $13")
        .execute(
            Tuple.tuple(
                new ArrayList<>(
                    List.of(
                        approval.id(),
                        approval.action(),
                        approval.tenant(),
                        approval.session(),
                        approval.actor(),
                        approval.tool(),
                        approval.risk().name(),
                        approval.digest(),
                        approval.policy(),
                        TermsJson.of(approval.terms()),
                        time(approval.createdAt()),
                        time(approval.expiresAt()),
                        maxPending))))
        .compose(rows ->
            rows.rowCount() == 1
                ? Future.succeededFuture(approval)
                : Future.failedFuture(new TooManyPendingException(maxPending)));
  }

  /** The question of that id, if the tenant has it. */
  public Future<Optional<Approval>> find(String tenant, String id) {
    return database
        .pool()
        .preparedQuery("select " + COLUMNS + " from approval where tenant = $1 and id = $2")
        .execute(Tuple.of(tenant, id))
        .map(rows ->
            rows.size() == 0 ? Optional.empty() : Optional.of(read(rows.iterator().next())));
  }

  /** Expires what is due, and gives it. */
  Future<List<Approval>> expireDue() {
    return database
        .pool()
        .preparedQuery(
            "update approval set state = 'expired', decided_at = $1 where state = 'pending' and"
                + " expires_at <= $1 returning "
                + COLUMNS)
        .execute(Tuple.of(time(Instant.now())))
        .map(rows -> {
          List<Approval> expired = new ArrayList<>();
          rows.forEach(row -> expired.add(read(row)));
          return expired;
        });
  }

  private static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static Approval read(Row row) {
    OffsetDateTime decidedAt = row.getOffsetDateTime("decided_at");
    return new Approval(
        row.getString("id"),
        row.getString("action"),
        row.getString("tenant"),
        row.getString("session"),
        row.getString("actor"),
        row.getString("tool"),
        Risk.valueOf(row.getString("risk")),
        row.getString("digest"),
        row.getString("policy"),
        TermsJson.read(row.getJsonObject("terms")),
        Approval.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getOffsetDateTime("created_at").toInstant(),
        row.getOffsetDateTime("expires_at").toInstant(),
        decidedAt == null ? null : decidedAt.toInstant());
  }
}
