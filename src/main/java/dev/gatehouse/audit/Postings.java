package dev.gatehouse.audit;

import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the values of the columns stand that have no index: table {@code audit_posting} has for
 * each value and each {@link Stretch} of a chain the rows that have it. The writer tells what it
 * committed, and a whole stretch is posted behind its back. What was not posted then, for a crash
 * or for want of time, is read again and posted later; until then it is looked through.
 */
final class Postings {
  private static final Logger LOGGER = LoggerFactory.getLogger(Postings.class);

  /** Between looks for what the writer left; each costs the database some milliseconds. */
  private static final long PAUSE_MILLIS = 10_000;

  /** How many times as long as it reads it rests: writers have nine tenths of the database. */
  private static final int REST = 9;

  /** Rows that are read at once. */
  private static final int READ = 1_000;

  /** Stretches that wait for the database; what is more is read again later. */
  private static final int MAX_WAITING = 2;

  private static final String POST =
      "select audit_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

  /**
   * How far each chain goes that is not done. It has ended when another one of its node is an hour
   * old: only then is even the last commit of a server that was killed there, or never will be.
   */
  private static final String PROGRESS =
      "select c.chain, coalesce(p.through, 0) as through, coalesce((select max(sequence) from"
          + " audit_event where chain = c.chain), 0) as top, exists (select from audit_chain n where"
          + " n.node = c.node and n.chain > c.chain and n.started_at < now() - interval '1 hour') as"
          + " ended from audit_chain c left join audit_posted p on p.chain = c.chain where p.done is"
          + " not true order by c.chain";

  private static final String ROWS =
      "select sequence, recorded_at, tenant, rule, status, tool, kind from audit_event where chain ="
          + " $1 and sequence > $2 and sequence <= $3 order by sequence limit "
          + READ;

  private final Vertx vertx;
  private final Database database;
  private final int length;
  private boolean failing;
  private volatile boolean closed;

  /** Whether the last look found something to read again. */
  private boolean behind;

  /**
   * What the writer has committed and is not whole yet; on the writer's loop, like the next two.
   */
  private @Nullable Stretch fresh;

  private Future<Void> posted = Future.succeededFuture();
  private int waiting;

  Postings(Vertx vertx, Database database) {
    this(vertx, database, Stretch.ROWS);
  }

  /**
   * With stretches of another length, e.g. for tests.
   *
   * @param length a multiple of 64
   */
  Postings(Vertx vertx, Database database, int length) {
    this.vertx = vertx;
    this.database = database;
    this.length = length;
  }

  void start() {
    vertx.setTimer(PAUSE_MILLIS, id -> next());
  }

  /** Posts nothing any more; what is missing is read again by the next server. */
  void close() {
    closed = true;
  }

  /** Rows that are in the log now, behind those before. On the writer's loop. */
  void committed(long chain, long first, Instant recordedAt, List<AuditEvent> events) {
    if (closed) {
      return;
    }
    if (fresh != null && !fresh.takes(recordedAt)) {
      postFresh();
    }
    long sequence = first;
    for (AuditEvent event : events) {
      Stretch stretch = fresh == null ? new Stretch(chain, sequence, length) : fresh;
      fresh = stretch;
      stretch.add(
          sequence++,
          recordedAt,
          event.tenant(),
          event.rule(),
          event.status(),
          event.tool(),
          event.kind().word());
      if (stretch.isWhole()) {
        postFresh();
      }
    }
  }

  private void postFresh() {
    Stretch stretch = Objects.requireNonNull(fresh, "fresh");
    fresh = null;
    if (waiting < MAX_WAITING) {
      waiting++;
      // One behind the other: each goes on where the one before ended.
      posted = posted.transform(before -> post(stretch)).onComplete(done -> waiting--);
    }
  }

  private Future<Void> post(Stretch stretch) {
    return vertx
        .executeBlocking(() -> stretch.parameters(stretch.next() - 1, false))
        .compose(this::post)
        .<Void>mapEmpty()
        .onFailure(failure -> LOGGER.debug("a stretch is read again later", failure));
  }

  private Future<Boolean> post(Tuple stretch) {
    return database
        .pool()
        .preparedQuery(POST)
        .execute(stretch)
        .map(rows -> rows.iterator().next().getBoolean(0));
  }

  private void next() {
    if (closed) {
      return;
    }
    long startNanos = System.nanoTime();
    catchUp()
        .onComplete(
            rows -> {
              failing = false;
              long tookMillis = (System.nanoTime() - startNanos) / 1_000_000;
              vertx.setTimer(rows == 0 ? PAUSE_MILLIS : 1 + REST * tookMillis, id -> next());
            },
            failure -> {
              if (!failing && !closed) {
                LOGGER.warn("rows are found slowly for now: {}", failure.getMessage());
              }
              failing = true;
              vertx.setTimer(PAUSE_MILLIS, id -> next());
            });
  }

  /**
   * Reads and posts the next stretch of the first chain that is behind. The one that its writer
   * still fills, and the one that its writer posts just now, are left alone.
   *
   * @return how many rows there were; 0 if no chain is behind
   */
  Future<Long> catchUp() {
    int enough = behind ? length : 2 * length;
    return database
        .pool()
        .preparedQuery(PROGRESS)
        .execute()
        .compose(chains -> {
          for (Row chain : chains) {
            // Of what went to the archive nothing is left.
            long left = Math.max(0, chain.getLong("top") - chain.getLong("through"));
            if (left >= enough || chain.getBoolean("ended")) {
              return catchUp(chain, Math.min(left, length));
            }
          }
          return Future.succeededFuture(0L);
        })
        .onSuccess(rows -> behind = rows > 0);
  }

  private Future<Long> catchUp(Row progress, long rows) {
    long chain = progress.getLong("chain");
    long through = progress.getLong("through");
    Stretch stretch = new Stretch(chain, through + 1, length);
    return read(stretch, chain, through, through + rows)
        .compose(last -> {
          boolean done = progress.getBoolean("ended") && last >= progress.getLong("top");
          return vertx.executeBlocking(() -> stretch.parameters(last, done));
        })
        .compose(this::post)
        // A chain that is only marked counts too: there may be others.
        .map(went -> Math.max(rows, 1));
  }

  /** Reads up to a row, or to the last of a day; gives which. */
  private Future<Long> read(Stretch stretch, long chain, long from, long last) {
    return database
        .pool()
        .preparedQuery(ROWS)
        .execute(Tuple.of(chain, from, last))
        .compose(rows -> {
          for (Row row : rows) {
            Instant recordedAt = row.getOffsetDateTime("recorded_at").toInstant();
            if (!stretch.takes(recordedAt)) {
              return Future.succeededFuture(stretch.next() - 1);
            }
            stretch.add(
                row.getLong("sequence"),
                recordedAt,
                row.getString("tenant"),
                row.getString("rule"),
                row.getString("status"),
                row.getString("tool"),
                row.getString("kind"));
          }
          return rows.size() == READ
              ? read(stretch, chain, stretch.next() - 1, last)
              : Future.succeededFuture(last);
        });
  }
}
