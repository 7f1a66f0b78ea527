package dev.gatehouse.audit;

import dev.gatehouse.audit.Verifier.Fault;
import dev.gatehouse.audit.Verifier.Report;
import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.Frontier;
import io.vertx.pgclient.PgConnectOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
      PgConnectOptions options, @Nullable Instant from, @Nullable Instant to, Trust trust)
      throws SQLException, IOException {
    try (Connection connection = connect(options);
        Statement statement = connection.createStatement()) {
      // The primary key has the order already; a sort of millions of rows would go to disk.
      statement.execute("set enable_sort = off; set enable_seqscan = off; set timezone = 'UTC'");
      // One view of the log for all that follows, while the server goes on writing.
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      Verifier verifier = new Verifier();
      CopyRows.read(
          connection,
          prepare(
              connection,
              verifier,
              new Range(connection, from, to, believed(connection, verifier, trust)),
              trust),
          verifier::row);
      return verifier.finish();
    }
  }

  /** Tells the verifier where each chain begins, and what to read: a condition on the rows. */
  private static String prepare(Connection connection, Verifier verifier, Range range, Trust trust)
      throws SQLException, IOException {
    for (ChainStart start : starts(connection)) {
      range.tell(
          new Range.Listener() {
            @Override
            public void start(ChainStart start) {
              verifier.start(start);
            }

            @Override
            public void follows(
                long chain, long sequence, byte[] hash, byte @Nullable [] frontier) {
              verifier.resume(
                  chain, sequence, hash, frontier == null ? null : Frontier.of(sequence, frontier));
            }

            @Override
            public void archived(ArchivedRows rows) {
              verifier.archived(rows, "the database", trust.keys());
            }
          },
          start);
      Long previous = start.previousChain();
      if (previous != null && range.holds(previous, start.previousSequence())) {
        verifier.mark(Mark.lastBefore(start));
      }
      range.checkpoints(
          start.chain(),
          checkpoint -> verifier.checkpoint(checkpoint, "the database", trust.keys()));
    }
    CheckpointRows.eachOfNoRow(
        connection, checkpoint -> verifier.checkpoint(checkpoint, "the database", trust.keys()));
    for (Checkpoint checkpoint : trust.kept()) {
      if (range.holds(checkpoint.chain(), checkpoint.size())) {
        verifier.checkpoint(checkpoint, trust.source(), trust.keys());
      }
    }
    return range.condition();
  }

  /** What went to the archive, as far as known keys signed it; the rest is found. */
  private static List<ArchivedRows> believed(Connection connection, Verifier verifier, Trust trust)
      throws SQLException, IOException {
    List<ArchivedRows> believed = new ArrayList<>();
    Map<String, Boolean> files = new HashMap<>();
    for (ArchivedRows rows : ArchivedRows.all(connection)) {
      if (rows.signed(trust.keys())) {
        believed.add(rows);
      } else {
        verifier.archived(rows, "the database", trust.keys());
      }
      Path file = Path.of(rows.file());
      if (Files.exists(file)
          && files.put(rows.file(), true) == null
          && !LogFile.sha256(file).equals(rows.seal().sha256())) {
        verifier.found(
            Fault.CONTRADICTED,
            rows.end().chain(),
            rows.first(),
            "the archive's file " + file + " was changed");
      }
    }
    return believed;
  }

  static List<ChainStart> starts(Connection connection) throws SQLException {
    List<ChainStart> starts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select chain, node, timestamptz_send(started_at), previous_chain,"
                    + " previous_sequence, previous_hash from audit_chain order by chain")) {
      while (rows.next()) {
        long previous = rows.getLong(4);
        boolean first = rows.wasNull();
        starts.add(
            new ChainStart(
                rows.getLong(1),
                rows.getString(2),
                time(rows.getBytes(3)),
                first ? null : previous,
                rows.getLong(5),
                rows.getBytes(6)));
      }
    }
    return starts;
  }

  /** A time as PostgreSQL keeps it: even one that it would refuse to show must not stop a check. */
  static Instant time(byte[] sent) {
    return CanonicalRow.time(ByteBuffer.wrap(sent).getLong());
  }

  /**
   * Checks the rows of an exported file. The lines that tell where chains begin, and the
   * checkpoints, stand before the events.
   *
   * @throws IOException if it cannot be read, or a line is none of ours
   */
  public static Report ofFile(BufferedReader lines, Trust trust) throws IOException {
    Verifier verifier = new Verifier();
    FileScope scope = new FileScope();
    CanonicalRow row = new CanonicalRow();
    long number = 0;
    boolean inRows = false;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      try {
        if (!inRows && LogLine.read(line, scope)) {
          continue;
        }
        if (!inRows && LogLine.isEvent(line)) {
          inRows = true;
          tellKept(verifier, scope, trust);
        }
        LogLine.read(line, row, verifier, trust.keys());
      } catch (IOException | IllegalArgumentException e) {
        verifier.found(
            Fault.CHANGED, 0, number, "line " + number + " cannot be read: " + e.getMessage());
      }
    }
    if (!inRows) {
      tellKept(verifier, scope, trust);
    }
    return verifier.finish();
  }

  private static void tellKept(Verifier verifier, FileScope scope, Trust trust) {
    for (Checkpoint checkpoint : trust.kept()) {
      if (scope.holds(checkpoint)) {
        verifier.checkpoint(checkpoint, trust.source(), trust.keys());
      } else {
        verifier.outside();
      }
    }
  }

  static Connection connect(PgConnectOptions options) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", options.getUser());
    properties.setProperty("password", String.valueOf(options.getPassword()));
    properties.setProperty("sslmode", options.getSslMode().value);
    String schemas = options.getProperties().get("search_path");
    if (schemas != null) {
      properties.setProperty("currentSchema", schemas);
    }
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
