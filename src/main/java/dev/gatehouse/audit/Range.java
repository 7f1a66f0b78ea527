package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of time of the stored log: where each chain enters it, which of its rows went to the
 * archive, and where it leaves it. Blocks; confined to one thread.
 */
final class Range {
  private static final OffsetDateTime FIRST =
      OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final OffsetDateTime LAST =
      OffsetDateTime.of(9999, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private final Connection connection;
  private final @Nullable Instant from;
  private final @Nullable Instant to;
  private final List<ArchivedRows> archive;
  private final Map<Long, Bounds> bounds = new HashMap<>();

  /**
   * A stretch.
   *
   * @param archive the rows that are believed to be in the archive
   */
  Range(
      Connection connection,
      @Nullable Instant from,
      @Nullable Instant to,
      List<ArchivedRows> archive) {
    this.connection = connection;
    this.from = from;
    this.to = to;
    this.archive = List.copyOf(archive);
  }

  /** The rows of this stretch, as SQL. */
  String condition() {
    return (from == null ? "true" : "recorded_at >= '" + from + "'")
        + (to == null ? "" : " and recorded_at < '" + to + "'");
  }

  /** The first and the last row of a chain in this stretch; 0 and 0 if it has none. */
  private record Bounds(long first, long last) {}

  /** Takes what is known of a chain besides its rows. */
  interface Listener {
    /** The chain begins in this stretch. */
    void start(ChainStart start) throws IOException;

    /**
     * The chain's rows in this stretch follow this one.
     *
     * @param frontier the tree up to there; null if it is not known
     */
    void follows(long chain, long sequence, byte[] hash, byte @Nullable [] frontier)
        throws IOException;

    /** These rows of this stretch are in the archive. */
    void archived(ArchivedRows rows) throws IOException;
  }

  /** Tells where a chain's rows in this stretch begin, and which of them are in the archive. */
  void tell(Listener listener, ChainStart start) throws SQLException, IOException {
    long chain = start.chain();
    long first = bounds(chain).first();
    List<ArchivedRows> gone =
        archive.stream()
            .filter(rows -> rows.end().chain() == chain && rows.within(from, to))
            .toList();
    if (whole() || first == 1 || (!gone.isEmpty() && gone.get(0).first() == 1)) {
      listener.start(start);
    } else if (first > 1 || !gone.isEmpty()) {
      long before =
          gone.isEmpty() || (first > 0 && first < gone.get(0).first())
              ? first - 1
              : gone.get(0).first() - 1;
      tellEntry(listener, chain, before);
    }
    for (ArchivedRows rows : gone) {
      listener.archived(rows);
    }
  }

  /** Tells what a row follows, by the row before it or, where that is archived, its checkpoint. */
  private void tellEntry(Listener listener, long chain, long before)
      throws SQLException, IOException {
    byte[] hash = hash(chain, before);
    if (hash != null) {
      listener.follows(chain, before, hash, null);
      return;
    }
    for (ArchivedRows rows : archive) {
      Checkpoint end = rows.end();
      if (end.chain() == chain && end.size() == before) {
        listener.follows(chain, before, end.hash(), end.frontier());
      }
    }
  }

  /** The line of a file that says that it has everything; none where it has not. */
  void writeScope(Instant now, Appendable to) throws IOException {
    if (whole()) {
      to.append(LogLine.whole(now)).append('\n');
    }
  }

  /** The lines of a file that say the same. */
  void write(ChainStart start, Appendable to) throws SQLException, IOException {
    long last = bounds(start.chain()).last();
    if (!whole() && last > 0) {
      to.append(LogLine.ends(start.chain(), last)).append('\n');
    }
    tell(
        new Listener() {
          @Override
          public void start(ChainStart start) throws IOException {
            to.append(LogLine.of(start)).append('\n');
          }

          @Override
          public void follows(long chain, long sequence, byte[] hash, byte @Nullable [] frontier)
              throws IOException {
            HexFormat hex = HexFormat.of();
            String tree = frontier == null ? null : hex.formatHex(frontier);
            to.append(LogLine.follows(chain, sequence, hex.formatHex(hash), tree)).append('\n');
          }

          @Override
          public void archived(ArchivedRows rows) throws IOException {
            to.append(LogLine.of(rows)).append('\n');
          }
        },
        start);
  }

  /** Gives the checkpoints of a chain that are of rows in this stretch. */
  void checkpoints(long chain, CheckpointRows.Taker taker) throws SQLException, IOException {
    Bounds here = bounds(chain);
    CheckpointRows.each(
        connection,
        chain,
        whole() ? 0 : here.first(),
        whole() ? Long.MAX_VALUE : here.last(),
        taker);
  }

  private boolean whole() {
    return from == null && to == null;
  }

  /** Whether a row of that number, if it exists, should lie in this stretch. */
  boolean holds(long chain, long sequence) throws SQLException {
    Bounds here = bounds(chain);
    return whole() || (sequence >= here.first() && sequence <= here.last());
  }

  private Bounds bounds(long chain) throws SQLException {
    Bounds known = bounds.get(chain);
    if (known == null) {
      known = readBounds(chain);
      bounds.put(chain, known);
    }
    return known;
  }

  private Bounds readBounds(long chain) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select coalesce(min(sequence), 0), coalesce(max(sequence), 0) from audit_event where"
                + " chain = ? and recorded_at >= ? and recorded_at < ?")) {
      statement.setLong(1, chain);
      statement.setObject(2, from == null ? FIRST : from.atOffset(ZoneOffset.UTC));
      statement.setObject(3, to == null ? LAST : to.atOffset(ZoneOffset.UTC));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return new Bounds(rows.getLong(1), rows.getLong(2));
      }
    }
  }

  private byte @Nullable [] hash(long chain, long sequence) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select hash from audit_event where chain = ? and sequence = ?")) {
      statement.setLong(1, chain);
      statement.setLong(2, sequence);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getBytes(1) : null;
      }
    }
  }
}
