package dev.gatehouse.audit;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The SQL of the chains, and of the days' partitions. */
final class ChainRows {
  private static final int DAYS_AHEAD = 7;
  private static final byte[] NOTHING = new byte[RowHash.BYTES];

  private ChainRows() {}

  /** Makes this run's chain, which names the place where the node's chain before it stands. */
  static Future<ChainStart> open(SqlClient client, String node, Instant now) {
    Instant startedAt = now.truncatedTo(ChronoUnit.MICROS);
    return addDays(client)
        .compose(made -> lastOf(client, node))
        .compose(last ->
            last == null
                ? insert(client, node, startedAt, null, 0, NOTHING)
                : headOf(client, last)
                    .compose(head ->
                        insert(
                            client, node, startedAt, last.chain(), head.sequence(), head.hash())));
  }

  /** Makes today's partition and those of the days after it; gives how many were missing. */
  static Future<Integer> addDays(SqlClient client) {
    return client
        .query(
            "select audit_event_add_days((now() at time zone 'UTC')::date - 1, "
                + (DAYS_AHEAD + 2)
                + ")")
        .execute()
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  /** Every chain, oldest first. */
  static Future<List<ChainStart>> all(SqlClient client) {
    return client
        .query(
            "select chain, node, started_at, previous_chain, previous_sequence, previous_hash from"
                + " audit_chain order by chain")
        .execute()
        .map(rows -> {
          List<ChainStart> chains = new ArrayList<>();
          rows.forEach(row -> chains.add(read(row)));
          return chains;
        });
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Head(long sequence, byte[] hash) {}

  private static Future<@Nullable ChainStart> lastOf(SqlClient client, String node) {
    return client
        .preparedQuery(
            "select chain, node, started_at, previous_chain, previous_sequence, previous_hash from"
                + " audit_chain where node = $1 order by chain desc limit 1")
        .execute(Tuple.of(node))
        .map(rows -> rows.size() == 0 ? null : read(rows.iterator().next()));
  }

  private static Future<Head> headOf(SqlClient client, ChainStart start) {
    return client
        .preparedQuery(
            "(select sequence, hash from audit_event where chain = $1 order by sequence desc limit"
                + " 1) union all (select c.size, c.hash from audit_archive a join audit_checkpoint"
                + " c on c.chain = a.chain and c.size = a.last_sequence where a.chain = $1 order by"
                + " c.size desc limit 1) order by 1 desc limit 1")
        .execute(Tuple.of(start.chain()))
        .map(rows -> {
          if (rows.size() == 0) {
            return new Head(0, new RowHash().of(start));
          }
          Row row = rows.iterator().next();
          return new Head(row.getLong(0), row.getBuffer(1).getBytes());
        });
  }

  private static Future<ChainStart> insert(
      SqlClient client,
      String node,
      Instant startedAt,
      @Nullable Long previousChain,
      long previousSequence,
      byte[] previousHash) {
    return client
        .preparedQuery(
            "insert into audit_chain (node, started_at, previous_chain, previous_sequence,"
                + " previous_hash) values ($1, $2, $3, $4, $5) returning chain")
        .execute(
            Tuple.of(
                node,
                AuditRows.time(startedAt),
                previousChain,
                previousSequence,
                Buffer.buffer(previousHash)))
        .map(rows ->
            new ChainStart(
                rows.iterator().next().getLong(0),
                node,
                startedAt,
                previousChain,
                previousSequence,
                previousHash));
  }

  private static ChainStart read(Row row) {
    return new ChainStart(
        row.getLong("chain"),
        row.getString("node"),
        row.getOffsetDateTime("started_at").toInstant(),
        row.getLong("previous_chain"),
        row.getLong("previous_sequence"),
        row.getBuffer("previous_hash").getBytes());
  }
}
