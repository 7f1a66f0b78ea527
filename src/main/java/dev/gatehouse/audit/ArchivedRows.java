package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.ArchiveSeal;
import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import java.security.PublicKey;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a chain that are in the archive: those of one day, one behind the other.
 *
 * @param end the checkpoint of the last of them
 * @param seal what the server that moved them signed
 * @param file where they went, on that server
 */
record ArchivedRows(Checkpoint end, ArchiveSeal seal, String file) {
  /** All of them that have a checkpoint, each chain in its order. Blocks. */
  static List<ArchivedRows> all(Connection connection) throws SQLException {
    List<ArchivedRows> all = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select "
                    + CheckpointRows.COLUMNS
                    + ", a.day, a.rows, a.file, a.sha256, a.key as sealer, a.signature as seal from"
                    + " audit_archive a join audit_checkpoint c on c.chain = a.chain and c.size ="
                    + " a.last_sequence order by c.chain, c.size")) {
      while (rows.next()) {
        Checkpoint end = CheckpointRows.read(rows);
        all.add(
            new ArchivedRows(
                end,
                new ArchiveSeal(
                    rows.getDate("day").toLocalDate().toEpochDay(),
                    end.chain(),
                    end.size() - rows.getLong("rows") + 1,
                    end.size(),
                    end.hash(),
                    rows.getString("sha256"),
                    rows.getString("sealer"),
                    rows.getBytes("seal")),
                rows.getString("file")));
      }
    }
    return all;
  }

  /** The number of the first of them. */
  long first() {
    return seal.first();
  }

  /** Whether known keys signed that they were moved, and the last of them. */
  boolean signed(Map<String, PublicKey> keys) {
    return CheckpointKey.signed(seal, keys)
        && CheckpointKey.signed(end, keys)
        && end.frontierFits()
        && seal.chain() == end.chain()
        && seal.last() == end.size()
        && Arrays.equals(seal.hash(), end.hash());
  }

  /**
   * Whether they are of a stretch of time.
   *
   * @param from its beginning; null for none
   * @param to its end; null for none
   */
  boolean within(@Nullable Instant from, @Nullable Instant to) {
    LocalDate day = LocalDate.ofEpochDay(seal.epochDay());
    Instant begin = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    return (from == null || begin.plusSeconds(86_400).isAfter(from))
        && (to == null || begin.isBefore(to));
  }
}
