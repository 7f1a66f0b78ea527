package dev.gatehouse.audit;

import dev.gatehouse.action.EventKind;
import dev.gatehouse.config.AuditSettings.Durability;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The audit log's SQL: the one place that knows its columns. */
final class AuditRows {
  /** Text columns between {@code kind} and {@code sandbox}, in the order of the table. */
  private static final List<Function<AuditEvent, @Nullable String>> TEXTS =
      List.of(
          event -> event.kind().word(),
          AuditEvent::action,
          AuditEvent::parent,
          AuditEvent::tenant,
          AuditEvent::session,
          AuditEvent::actor,
          AuditEvent::role,
          AuditEvent::tool,
          AuditEvent::risk,
          AuditEvent::outcome,
          AuditEvent::rule,
          AuditEvent::policy,
          AuditEvent::sandbox,
          AuditEvent::status,
          AuditEvent::detail);

  /** The columns that an event brings, in the order of the table. */
  private static final String EVENT_COLUMNS =
      "occurred_at, duration_nanos, kind, action, parent, tenant, session, actor, role, tool,"
          + " risk, outcome, rule, policy, sandbox, status, detail";

  /** Every column, in the order of the table. */
  static final String COLUMNS = "chain, sequence, recorded_at, " + EVENT_COLUMNS + ", hash";

  /** One row: a third less work for the database than {@link #MANY} of one. */
  private static final String ONE =
      "insert into audit_event ("
          + COLUMNS
          + ") select $1::bigint, $2::bigint, $3::timestamptz, $4::timestamptz, $5::bigint,"
          + " $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text,"
          + " $14::text, $15::text, $16::text, $17::text, $18::text, $19::text, $20::text,"
          + " $21::bytea";

  /** Several rows: unnest of arrays writes 1.5 to 2 times the rows of a statement each. */
  private static final String MANY =
      "insert into audit_event ("
          + COLUMNS
          + ") select $1::bigint, $2::bigint + ordinality - 1, $3::timestamptz, "
          + EVENT_COLUMNS
          + ", hash from unnest($4::timestamptz[], $5::bigint[], $6::text[], $7::text[],"
          + " $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],"
          + " $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],"
          + " $20::text[], $21::bytea[]) with ordinality as u("
          + EVENT_COLUMNS
          + ", hash, ordinality)";

  private static final String AFTER =
      " where exists (select from audit_event where chain = $1::bigint and sequence = $2::bigint"
          + " - 1 and recorded_at = $22::timestamptz)";

  private static final String AGAIN = " on conflict (chain, sequence, recorded_at) do nothing";

  private static final String SELECT = "select " + COLUMNS + " from audit_event";

  private AuditRows() {}

  /** The statement that inserts so many rows; its parameters are {@link #parameters}. */
  static String insertion(int rows) {
    return rows == 1 ? ONE : MANY;
  }

  /**
   * The same for rows that are sent while the commit of those before is not known: inserts nothing
   * where the row before is missing. One more parameter: when that one was recorded.
   */
  static String insertionAfter(int rows) {
    return insertion(rows) + AFTER;
  }

  /**
   * The same for rows that were sent before: those that are there already were committed by a try
   * whose answer was lost. It looks for each row first, which costs the database a sixth more.
   */
  static String insertionAgain(int rows) {
    return insertion(rows) + AGAIN;
  }

  /** Events as rows; the first gets {@code firstSequence}. */
  static Tuple parameters(
      long chain,
      long firstSequence,
      Instant recordedAt,
      List<AuditEvent> events,
      Buffer[] hashes) {
    Tuple rows = Tuple.tuple(new ArrayList<>(7 + TEXTS.size()));
    rows.addLong(chain).addLong(firstSequence).addOffsetDateTime(time(recordedAt));
    if (events.size() == 1) {
      AuditEvent event = events.get(0);
      rows.addOffsetDateTime(time(event.occurredAt())).addLong(event.durationNanos());
      for (Function<AuditEvent, @Nullable String> column : TEXTS) {
        rows.addString(column.apply(event));
      }
      return rows.addBuffer(hashes[0]);
    }
    int count = events.size();
    OffsetDateTime[] times = new OffsetDateTime[count];
    Long[] durations = new Long[count];
    for (int i = 0; i < count; i++) {
      times[i] = time(events.get(i).occurredAt());
      durations[i] = events.get(i).durationNanos();
    }
    rows.addArrayOfOffsetDateTime(times).addArrayOfLong(durations);
    for (Function<AuditEvent, @Nullable String> column : TEXTS) {
      String[] texts = new String[count];
      for (int i = 0; i < count; i++) {
        texts[i] = column.apply(events.get(i));
      }
      rows.addArrayOfString(texts);
    }
    return rows.addArrayOfBuffer(hashes);
  }

  static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /**
   * Makes commits of this connection durable, or fails if the server cannot promise that.
   *
   * @param limitMillis how long a statement waits for locks; and a transaction that nobody ends,
   *     for its end
   */
  static Future<Void> checkDurable(
      SqlConnection connection, Durability durability, int limitMillis) {
    return connection
        .query(
            "set synchronous_commit = on; set lock_timeout = "
                + limitMillis
                + "; set idle_in_transaction_session_timeout = "
                + limitMillis)
        .execute()
        .compose(set -> connection.query("show fsync").execute())
        .compose(rows -> {
          String fsync = rows.iterator().next().getString(0);
          return fsync.equals("on") || durability == Durability.ASYNC
              ? Future.succeededFuture()
              : Future.failedFuture(
                  new IllegalStateException(
                      "PostgreSQL runs with fsync="
                          + fsync
                          + ", audit.durability before-reply needs fsync=on"));
        });
  }

  /** What began in this node's earlier chains and has no end: executions, held sandboxes. */
  static Future<List<StoredEvent>> unsettled(SqlClient client, String node, long ownChain) {
    return client
        .preparedQuery(
            SELECT
                + " as s where kind in ('execution.started', 'sandbox.created') and chain in"
                + " (select chain from audit_chain where node = $1 and settled_at is null and"
                + " chain <> $2) and (select count(*) from audit_event as e where e.action = case"
                + " s.kind when 'sandbox.created' then s.sandbox else s.action end and e.kind = case"
                + " s.kind when 'sandbox.created' then 'sandbox.destroyed' else 'execution.ended'"
                + " end and e.sandbox = s.sandbox) < (select count(*) from audit_event as b where"
                // What two requests presented one right for has one action, and two beginnings.
                + " b.kind = s.kind and b.action = s.action and b.sandbox = s.sandbox and (b.chain,"
                + " b.sequence) <= (s.chain, s.sequence))")
        .execute(Tuple.of(node, ownChain))
        .map(AuditRows::read);
  }

  /** Marks this node's earlier chains as having no open intent. */
  static Future<Void> settle(SqlClient client, String node, long ownChain) {
    return client
        .preparedQuery(
            "update audit_chain set settled_at = now() where node = $1 and chain <> $2 and"
                + " settled_at is null")
        .execute(Tuple.of(node, ownChain))
        .mapEmpty();
  }

  static List<StoredEvent> read(Iterable<Row> rows) {
    List<StoredEvent> events = new ArrayList<>();
    rows.forEach(row -> events.add(read(row)));
    return events;
  }

  /** A row with all of {@link #COLUMNS}. */
  static StoredEvent read(Row row) {
    return new StoredEvent(
        row.getLong("chain"),
        row.getLong("sequence"),
        row.getOffsetDateTime("recorded_at").toInstant(),
        HexFormat.of().formatHex(row.getBuffer("hash").getBytes()),
        new AuditEvent(
            row.getOffsetDateTime("occurred_at").toInstant(),
            EventKind.of(row.getString("kind")),
            row.getString("action"),
            row.getString("parent"),
            row.getString("tenant"),
            row.getString("session"),
            row.getString("actor"),
            row.getString("role"),
            row.getString("tool"),
            row.getString("risk"),
            row.getString("outcome"),
            row.getString("rule"),
            row.getString("policy"),
            row.getString("sandbox"),
            row.getLong("duration_nanos"),
            row.getString("status"),
            row.getString("detail")));
  }
}
