package dev.gatehouse.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Brings a database's schema to the state this server needs.
 *
 * <p>Each script runs once, in order, in one transaction with its own record; servers that start
 * together take turns. Running again does nothing.
 */
public final class Migrations {
  /** In order; a script that was ever released is never changed. */
  private static final List<String> SCRIPTS =
      List.of(
          "001-audit.sql",
          "002-approval.sql",
          "003-audit-indexes.sql",
          "004-approval-terms.sql",
          "005-audit-reading.sql",
          "006-audit-days.sql",
          "007-idempotency.sql",
          "008-approval-answers.sql",
          "009-approval-edits.sql",
          "010-approval-memory.sql",
          "011-approval-reminders.sql",
          "012-approval-callbacks.sql",
          "013-approval-codes.sql",
          "014-audit-postings.sql",
          "015-approval-tally.sql",
          "016-approval-preview.sql",
          "017-approval-event-taken.sql",
          "018-audit-archive-signed.sql",
          "019-audit-dead-letter.sql",
          "020-approval-demand.sql",
          "021-approval-message-settled.sql");

  /** Held while migrating; any number that nobody else takes. */
  private static final long LOCK = 0x6761746568_6f7573L;

  private Migrations() {}

  /** Applies what is missing; fails if the database was made by a newer server. */
  public static Future<Void> run(Pool pool) {
    return pool.withTransaction(connection ->
        connection
            .preparedQuery("select pg_advisory_xact_lock($1)")
            .execute(Tuple.of(LOCK))
            .compose(locked ->
                connection
                    .query(
                        "create table if not exists schema_migration ("
                            + "version int primary key, script text not null,"
                            + " applied_at timestamptz not null default now())")
                    .execute())
            .compose(made ->
                connection
                    .query("select coalesce(max(version), 0) from schema_migration")
                    .execute())
            .compose(rows -> applyAfter(connection, rows.iterator().next().getInteger(0))));
  }

  private static Future<Void> applyAfter(SqlConnection connection, int version) {
    if (version > SCRIPTS.size()) {
      return Future.failedFuture(
          new IllegalStateException(
              "the database has schema version "
                  + version
                  + ", this server knows "
                  + SCRIPTS.size()
                  + ": start a newer server"));
    }
    Future<Void> applied = Future.succeededFuture();
    for (int next = version; next < SCRIPTS.size(); next++) {
      String script = SCRIPTS.get(next);
      Tuple record = Tuple.of(next + 1, script);
      applied =
          applied
              .compose(done -> connection.query(read(script)).execute())
              .compose(done ->
                  connection
                      .preparedQuery(
                          "insert into schema_migration (version, script) values ($1, $2)")
                      .execute(record))
              .mapEmpty();
    }
    return applied;
  }

  private static String read(String script) {
    try (InputStream stream = Migrations.class.getResourceAsStream(script)) {
      return new String(
          Objects.requireNonNull(stream, script).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
