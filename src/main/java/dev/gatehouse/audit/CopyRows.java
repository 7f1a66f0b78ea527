package dev.gatehouse.audit;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads rows by COPY in PostgreSQL's binary form, which is the canonical one, and hands their bytes
 * on as they are. The reactive client has no COPY. Blocks; confined to one thread.
 */
final class CopyRows {
  /** Signature, flags and the length of an extension that nobody uses. */
  private static final int HEADER_BYTES = 19;

  private static final int COUNT_BYTES = 2;
  private static final int LENGTH_BYTES = 4;
  private static final int CHAIN_AT = COUNT_BYTES + LENGTH_BYTES;
  private static final int SEQUENCE_AT = CHAIN_AT + 8 + LENGTH_BYTES;

  /** Takes one row; {@code canonical} is reused. */
  interface Sink {
    void row(long chain, long sequence, byte[] hash, byte[] canonical, int offset, int length);
  }

  private final Sink sink;
  private byte[] bytes = {};
  private int position;
  private final CopyOut copy;

  private CopyRows(CopyOut copy, Sink sink) {
    this.copy = copy;
    this.sink = sink;
  }

  /**
   * Reads every row that meets a condition, each chain in its order.
   *
   * @param where SQL, e.g. {@code recorded_at >= '2026-01-01'}
   */
  static void read(Connection connection, String where, Sink sink) throws SQLException {
    String sql =
        "copy (select "
            + AuditRows.COLUMNS
            + " from audit_event where "
            + where
            + " order by chain, sequence, recorded_at) to stdout (format binary)";
    CopyOut out = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
    try {
      new CopyRows(out, sink).readAll();
    } finally {
      if (out.isActive()) {
        out.cancelCopy();
      }
    }
  }

  private void readAll() throws SQLException {
    need(HEADER_BYTES);
    position += HEADER_BYTES;
    while (true) {
      need(COUNT_BYTES);
      int columns = ByteBuffer.wrap(bytes).getShort(position);
      if (columns < 0) {
        drain();
        return;
      }
      readRow();
    }
  }

  private void readRow() throws SQLException {
    int length = COUNT_BYTES;
    for (int column = 0; column < CanonicalRow.COLUMNS; column++) {
      need(length + LENGTH_BYTES);
      length += LENGTH_BYTES + Math.max(0, ByteBuffer.wrap(bytes).getInt(position + length));
    }
    need(length + LENGTH_BYTES + RowHash.BYTES);
    ByteBuffer row = ByteBuffer.wrap(bytes);
    int hashBytes = row.getInt(position + length);
    need(length + LENGTH_BYTES + hashBytes);
    int hashAt = position + length + LENGTH_BYTES;
    sink.row(
        row.getLong(position + CHAIN_AT),
        row.getLong(position + SEQUENCE_AT),
        Arrays.copyOfRange(bytes, hashAt, hashAt + hashBytes),
        bytes,
        position + COUNT_BYTES,
        length - COUNT_BYTES);
    position = hashAt + hashBytes;
  }

  /** Makes sure that so many bytes lie at the position; a message is a row as a rule. */
  private void need(int count) throws SQLException {
    while (bytes.length - position < count) {
      byte[] more = copy.readFromCopy();
      if (more == null) {
        throw new SQLException("the rows end in the middle of one");
      }
      if (position == bytes.length) {
        bytes = more;
      } else {
        byte[] joined = Arrays.copyOfRange(bytes, position, bytes.length + more.length);
        System.arraycopy(more, 0, joined, bytes.length - position, more.length);
        bytes = joined;
      }
      position = 0;
    }
  }

  private void drain() throws SQLException {
    while (copy.isActive() && copy.readFromCopy() != null) {
      // Nothing follows the end mark but the end of the stream.
    }
  }
}
