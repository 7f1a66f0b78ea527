package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import java.sql.Connection;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a chain that are in the archive: those of one day, one behind the other.
 *
 * @param day when the day began
 * @param first the number of the first of them
 * @param end the checkpoint of the last of them
 */
record ArchivedRows(Instant day, long first, Checkpoint end) {
  /** All of them that have a checkpoint, each chain in its order. Blocks. */
  static List<ArchivedRows> all(Connection connection) throws SQLException {
    List<ArchivedRows> all = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select "
                    + CheckpointRows.COLUMNS
                    + ", day, a.rows from audit_archive a join audit_checkpoint c on c.chain ="
                    + " a.chain and c.size = a.last_sequence order by c.chain, c.size")) {
      while (rows.next()) {
        Checkpoint end = CheckpointRows.read(rows);
        Date day = rows.getDate("day");
        all.add(
            new ArchivedRows(
                day.toLocalDate().atStartOfDay(ZoneOffset.UTC).toInstant(),
                end.size() - rows.getLong("rows") + 1,
                end));
      }
    }
    return all;
  }

  /**
   * Whether they are of a stretch of time.
   *
   * @param from its beginning; null for none
   * @param to its end; null for none
   */
  boolean within(@Nullable Instant from, @Nullable Instant to) {
    return (from == null || day.plusSeconds(86_400).isAfter(from))
        && (to == null || day.isBefore(to));
  }
}
