package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** The SQL of the checkpoints, for those who read the log without a server. Blocks. */
final class CheckpointRows {
  /** What {@link #read} needs, of a table that the statement calls {@code c}. */
  static final String COLUMNS =
      "c.chain, c.size, c.hash, c.root, c.frontier, timestamptz_send(c.made_at) as made_at, c.key,"
          + " c.signature";

  private static final String SELECT = "select " + COLUMNS + " from audit_checkpoint c where ";

  private CheckpointRows() {}

  /** The one of that size; null if there is none. */
  static @Nullable Checkpoint of(Connection connection, long chain, long size) throws SQLException {
    return first(connection, "c.chain = ? and c.size = ?", chain, size);
  }

  /** The largest that is not larger than that; null if there is none. */
  static @Nullable Checkpoint upTo(Connection connection, long chain, long size)
      throws SQLException {
    return first(
        connection, "c.chain = ? and c.size <= ? order by c.size desc limit 1", chain, size);
  }

  private static @Nullable Checkpoint first(
      Connection connection, String which, long chain, long size) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SELECT + which)) {
      statement.setLong(1, chain);
      statement.setLong(2, size);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? read(rows) : null;
      }
    }
  }

  /** Takes a checkpoint. */
  interface Taker {
    void take(Checkpoint checkpoint) throws SQLException, java.io.IOException;
  }

  /** Gives those of a chain from one size to another, smallest first, without holding them. */
  static void each(Connection connection, long chain, long from, long to, Taker taker)
      throws SQLException, java.io.IOException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            SELECT + "c.chain = ? and c.size >= ? and c.size <= ? order by c.size")) {
      statement.setFetchSize(1_000);
      statement.setLong(1, chain);
      statement.setLong(2, from);
      statement.setLong(3, to);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          taker.take(read(rows));
        }
      }
    }
  }

  /** Gives those that can be of no row: of a chain that never began, or of no size that is one. */
  static void eachOfNoRow(Connection connection, Taker taker)
      throws SQLException, java.io.IOException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                SELECT
                    + "c.size < 0 or not exists (select from audit_chain a where a.chain = c.chain)"
                    + " order by c.chain, c.size")) {
      while (rows.next()) {
        taker.take(read(rows));
      }
    }
  }

  /** A row with all of {@link #COLUMNS}. */
  static Checkpoint read(ResultSet row) throws SQLException {
    return new Checkpoint(
        row.getLong("chain"),
        row.getLong("size"),
        row.getBytes("hash"),
        row.getBytes("root"),
        row.getBytes("frontier"),
        Verification.time(row.getBytes("made_at")),
        row.getString("key"),
        row.getBytes("signature"));
  }
}
