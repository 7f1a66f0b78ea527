package dev.gatehouse.approval;

import dev.gatehouse.action.Risk;
import dev.gatehouse.approval.RefusedException.Why;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answers that hold again, kept in PostgreSQL. Each use is one statement there, so that none
 * holds more often than it may, or after it was revoked, whichever server uses it. May be used from
 * any event loop.
 */
public final class Memories {
  /** Most of one page. */
  public static final int MAX_PAGE = 500;

  /** How long questions are known that are over, in days. */
  public static final int ASKED_DAYS = 30;

  /** Most that hold at once, of one tenant. */
  private static final int MAX_OF_TENANT = 10_000;

  private static final int FOUND_AT_ONCE = 20;

  private static final String COLUMNS =
      "id, tenant, same, session, actor, tool, risk, policy, terms, rule, approval, by, reason,"
          + " max_uses, uses, created_at, expires_at";

  private static final String HOLDS =
      "revoked_at is null and uses < max_uses and expires_at > clock_timestamp()";

  private final SqlClient client;

  Memories(SqlClient client) {
    this.client = client;
  }

  /**
   * How often the same was asked within the time that questions are kept, and in how many sessions.
   */
  public record Asked(long questions, long sessions) {}

  /** Counts what a memory would have covered. */
  public Future<Asked> asked(String tenant, String same, @Nullable String session) {
    return client
        .preparedQuery(
            "select count(*), count(distinct session) from approval where tenant = $1 and same = $2"
                + " and ($3::text is null or session = $3)")
        .execute(Tuple.of(tenant, same, session))
        .map(rows -> {
          Row row = rows.iterator().next();
          return new Asked(row.getLong(0), row.getLong(1));
        });
  }

  /** Keeps an answer for so long; the times of the memory given are the store's to say. */
  public Future<Memory> keep(Memory memory, long seconds) {
    Tuple values =
        Tuple.tuple()
            .addString(memory.id())
            .addString(memory.tenant())
            .addString(memory.same())
            .addString(memory.session())
            .addString(memory.actor())
            .addString(memory.tool())
            .addString(memory.risk().name())
            .addString(memory.policy())
            .addValue(TermsJson.of(memory.terms()))
            .addString(memory.rule())
            .addString(memory.approval())
            .addString(memory.by())
            .addString(memory.reason())
            .addInteger(memory.maxUses())
            .addLong(seconds)
            .addInteger(MAX_OF_TENANT);
    return one(
            "insert into approval_memory (id, tenant, same, session, actor, tool, risk, policy,"
                + " terms, rule, approval, by, reason, max_uses, expires_at) select $1, $2, $3, $4,"
                + " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, clock_timestamp() + $15::bigint *"
                + " interval '1 s' where (select count(*) from approval_memory where tenant = $2"
                + " and "
                + HOLDS
                + ") < $16 returning "
                + COLUMNS,
            values)
        .map(kept ->
            kept.orElseThrow(() ->
                new RefusedException(
                    Why.NOT_REMEMBERED,
                    "approved, but not remembered: " + MAX_OF_TENANT + " answers are already")));
  }

  /**
   * Those that hold for the same under a policy in a session, the first to be over coming first.
   */
  public Future<List<Memory>> find(String tenant, String same, String policy, String session) {
    return all(
        "select "
            + COLUMNS
            + " from approval_memory where tenant = $1 and same = $2 and policy = $3 and (session"
            + " is null or session = $4) and "
            + HOLDS
            + " order by expires_at, id limit "
            + FOUND_AT_ONCE,
        Tuple.of(tenant, same, policy, session));
  }

  /** Uses one once; nothing if it holds no more. */
  public Future<Optional<Memory>> use(String id) {
    return one(
        "update approval_memory set uses = uses + 1 where id = $1 and "
            + HOLDS
            + " returning "
            + COLUMNS,
        Tuple.of(id));
  }

  /** The one of that id, if it holds. */
  public Future<Optional<Memory>> get(String tenant, String id) {
    return one(
        "select " + COLUMNS + " from approval_memory where tenant = $1 and id = $2 and " + HOLDS,
        Tuple.of(tenant, id));
  }

  /** A page of those that hold, oldest first, after the last id of the page before. */
  public Future<List<Memory>> page(String tenant, String after, int limit) {
    return all(
        "select "
            + COLUMNS
            + " from approval_memory where tenant = $1 and id > $2 and "
            + HOLDS
            + " order by id limit $3",
        Tuple.of(tenant, after, limit));
  }

  /** Ends one at once; nothing if it holds no more. */
  public Future<Optional<Memory>> revoke(String tenant, String id, String by) {
    return one(
        "update approval_memory set revoked_at = clock_timestamp(), revoked_by = $3, rule = ''"
            + " where tenant = $1 and id = $2 and "
            + HOLDS
            + " returning "
            + COLUMNS,
        Tuple.of(tenant, id, by));
  }

  /** Takes the arguments out of those that are over, and forgets them after so many days. */
  Future<Void> forget(int days) {
    return client
        .query(
            "update approval_memory set rule = '' where rule <> '' and expires_at <"
                + " clock_timestamp()")
        .execute()
        .compose(cleared ->
            client
                .preparedQuery(
                    "delete from approval_memory where least(expires_at, revoked_at) <"
                        + " clock_timestamp() - $1 * interval '1 day'")
                .execute(Tuple.of(days)))
        .mapEmpty();
  }

  private Future<Optional<Memory>> one(String sql, Tuple values) {
    return all(sql, values).map(memories -> memories.stream().findFirst());
  }

  private Future<List<Memory>> all(String sql, Tuple values) {
    return client
        .preparedQuery(sql)
        .execute(values)
        .map(rows -> {
          List<Memory> memories = new ArrayList<>();
          rows.forEach(row -> memories.add(read(row)));
          return memories;
        });
  }

  private static Memory read(Row row) {
    return new Memory(
        row.getString("id"),
        row.getString("tenant"),
        row.getString("same"),
        row.getString("session"),
        row.getString("actor"),
        row.getString("tool"),
        Risk.valueOf(row.getString("risk")),
        row.getString("policy"),
        TermsJson.read(row.getJsonObject("terms")),
        row.getString("rule"),
        row.getString("approval"),
        row.getString("by"),
        row.getString("reason"),
        row.getInteger("max_uses"),
        row.getInteger("uses"),
        row.getOffsetDateTime("created_at").toInstant(),
        row.getOffsetDateTime("expires_at").toInstant());
  }
}
