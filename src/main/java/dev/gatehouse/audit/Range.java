package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.Frontier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of time of the stored log: where each chain enters it and leaves it. Blocks; confined
 * to one thread.
 */
final class Range {
  private static final OffsetDateTime FIRST =
      OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final OffsetDateTime LAST =
      OffsetDateTime.of(9999, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private final Connection connection;
  private final @Nullable Instant from;
  private final @Nullable Instant to;
  private final List<Checkpoint> trusted;

  /**
   * A stretch.
   *
   * @param trusted checkpoints that a known key signed: what is archived is believed only up to
   *     them
   */
  Range(
      Connection connection,
      @Nullable Instant from,
      @Nullable Instant to,
      List<Checkpoint> trusted) {
    this.connection = connection;
    this.from = from;
    this.to = to;
    this.trusted = List.copyOf(trusted);
  }

  /** The rows of this stretch, as SQL. */
  String condition() {
    return (from == null ? "true" : "recorded_at >= '" + from + "'")
        + (to == null ? "" : " and recorded_at < '" + to + "'");
  }

  /** The row that a chain's rows in this stretch follow. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(long sequence, byte[] hash) {}

  /** Tells what the chain's rows in this stretch follow, and which rows others know of it. */
  void tell(Verifier verifier, ChainStart start) throws SQLException {
    long first = first(start.chain());
    Checkpoint archived = from == null ? archivedUpTo(start.chain()) : null;
    if (archived != null) {
      verifier.resume(
          start.chain(),
          archived.size(),
          archived.hash(),
          Frontier.of(archived.size(), archived.frontier()));
    } else if (first == 1 || (from == null && to == null)) {
      verifier.start(start);
    } else {
      Entry entry = entry(start.chain(), first);
      if (entry != null) {
        verifier.resume(start.chain(), entry.sequence(), entry.hash(), null);
      }
    }
    if (start.previousChain() != null && holds(start.previousChain(), start.previousSequence())) {
      verifier.mark(Mark.lastBefore(start));
    }
  }

  /** The line of a file that says the same; null for a chain without rows here. */
  @Nullable String line(ChainStart start) throws SQLException {
    long first = first(start.chain());
    if (first == 1 || (from == null && to == null)) {
      return LogLine.of(start);
    }
    Entry entry = entry(start.chain(), first);
    return entry == null
        ? null
        : LogLine.follows(
            start.chain(), entry.sequence(), java.util.HexFormat.of().formatHex(entry.hash()));
  }

  private long first(long chain) throws SQLException {
    return sequence("min", chain);
  }

  /** The checkpoint where the archive of a chain ends; null for a chain that is here as a whole. */
  private @Nullable Checkpoint archivedUpTo(long chain) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select max(last_sequence) from audit_archive where chain = ?")) {
      statement.setLong(1, chain);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        long size = rows.getLong(1);
        return trusted.stream()
            .filter(checkpoint -> checkpoint.chain() == chain && checkpoint.size() == size)
            .findAny()
            .orElse(null);
      }
    }
  }

  private @Nullable Entry entry(long chain, long first) throws SQLException {
    byte[] hash = first > 1 ? hash(chain, first - 1) : null;
    return hash == null ? null : new Entry(first - 1, hash);
  }

  /** Whether a row of that number, if it exists, should lie in this stretch. */
  boolean holds(long chain, long sequence) throws SQLException {
    if (from == null && to == null) {
      return true;
    }
    return sequence >= sequence("min", chain) && sequence <= sequence("max", chain);
  }

  private long sequence(String which, long chain) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select coalesce("
                + which
                + "(sequence), 0) from audit_event where chain = ? and recorded_at >= ? and"
                + " recorded_at < ?")) {
      statement.setLong(1, chain);
      statement.setObject(2, from == null ? FIRST : from.atOffset(ZoneOffset.UTC));
      statement.setObject(3, to == null ? LAST : to.atOffset(ZoneOffset.UTC));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
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
