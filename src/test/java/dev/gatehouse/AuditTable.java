package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The audit log's rows as PostgreSQL has them, past the server. */
final class AuditTable {
  /** One row. */
  record Entry(long chain, long sequence, String kind, String action, String status) {}

  private AuditTable() {}

  /** Every row of the embedded database, by chain and sequence. */
  static List<Entry> read(Path data) {
    Vertx vertx = Vertx.vertx();
    try {
      Path directory = data.resolve("postgres");
      String port = Files.readAllLines(directory.resolve("cluster/postmaster.pid")).get(3).strip();
      PgConnectOptions options =
          new PgConnectOptions()
              .setHost("127.0.0.1")
              .setPort(Integer.parseInt(port))
              .setDatabase("postgres")
              .setUser("postgres")
              .setPassword(Files.readString(directory.resolve("password")));
      PgConnection connection = PgConnection.connect(vertx, options).await(10, TimeUnit.SECONDS);
      List<Entry> entries = new ArrayList<>();
      for (Row row :
          connection
              .query(
                  "select chain, sequence, kind, action, coalesce(status, '') as status"
                      + " from audit_event order by chain, sequence")
              .execute()
              .await(30, TimeUnit.SECONDS)) {
        entries.add(
            new Entry(
                row.getLong("chain"),
                row.getLong("sequence"),
                row.getString("kind"),
                row.getString("action"),
                row.getString("status")));
      }
      return entries;
    } catch (IOException | TimeoutException e) {
      throw new AssertionError(e);
    } finally {
      vertx.close().await();
    }
  }

  /** Fails where a chain's sequence does not go 1, 2, 3. */
  static void assertNoGaps(List<Entry> entries) {
    long chain = -1;
    long expected = 1;
    for (Entry entry : entries) {
      if (entry.chain() != chain) {
        chain = entry.chain();
        expected = 1;
      }
      assertEquals(expected, entry.sequence(), "chain " + chain);
      expected++;
    }
  }

  static long count(List<Entry> entries, String kind, String action) {
    return entries.stream()
        .filter(entry -> entry.kind().equals(kind) && entry.action().equals(action))
        .count();
  }
}
