package dev.gatehouse.audit;

import dev.gatehouse.audit.Verifier.Fault;
import dev.gatehouse.audit.Verifier.Report;
import io.vertx.pgclient.PgConnectOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Checks a whole log, in a database or in a file, without a server. Blocks. */
public final class Verification {
  private Verification() {}

  /**
   * Checks the rows of a database.
   *
   * @param from the first time to check, null for the beginning
   * @param to the first time not to check, null for the end
   */
  public static Report ofDatabase(
      PgConnectOptions options, @Nullable Instant from, @Nullable Instant to) throws SQLException {
    try (Connection connection = connect(options);
        Statement statement = connection.createStatement()) {
      // The primary key has the order already; a sort of millions of rows would go to disk.
      statement.execute("set enable_sort = off; set enable_seqscan = off; set timezone = 'UTC'");
      // One view of the log for all that follows, while the server goes on writing.
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      Verifier verifier = new Verifier();
      CopyRows.read(connection, prepare(connection, verifier, from, to), verifier::row);
      return verifier.finish();
    }
  }

  /** Tells the verifier where each chain begins, and what to read: a condition on the rows. */
  private static String prepare(
      Connection connection, Verifier verifier, @Nullable Instant from, @Nullable Instant to)
      throws SQLException {
    Range range = new Range(connection, from, to);
    for (ChainStart start : starts(connection)) {
      range.tell(verifier, start);
    }
    return range.condition();
  }

  private static List<ChainStart> starts(Connection connection) throws SQLException {
    List<ChainStart> starts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select chain, node, started_at, previous_chain, previous_sequence, previous_hash"
                    + " from audit_chain order by chain")) {
      while (rows.next()) {
        long previous = rows.getLong(4);
        boolean first = rows.wasNull();
        starts.add(
            new ChainStart(
                rows.getLong(1),
                rows.getString(2),
                rows.getObject(3, OffsetDateTime.class).toInstant(),
                first ? null : previous,
                rows.getLong(5),
                rows.getBytes(6)));
      }
    }
    return starts;
  }

  /**
   * Checks the rows of an exported file.
   *
   * @throws IOException if it cannot be read, or a line is none of ours
   */
  public static Report ofFile(BufferedReader lines) throws IOException {
    Verifier verifier = new Verifier();
    CanonicalRow row = new CanonicalRow();
    long number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      try {
        LogLine.read(line, row, verifier);
      } catch (IOException | IllegalArgumentException e) {
        verifier.found(
            Fault.CHANGED, 0, number, "line " + number + " cannot be read: " + e.getMessage());
      }
    }
    return verifier.finish();
  }

  private static Connection connect(PgConnectOptions options) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", options.getUser());
    properties.setProperty("password", String.valueOf(options.getPassword()));
    return DriverManager.getConnection(
        "jdbc:postgresql://"
            + options.getHost()
            + ":"
            + options.getPort()
            + "/"
            + options.getDatabase(),
        properties);
  }
}
