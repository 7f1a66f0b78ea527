package dev.gatehouse.audit;

import dev.gatehouse.audit.proof.Frontier;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The chain that one server run writes: gives each event its number, its time and its hash.
 * Confined to the writer's loop. Hot path.
 */
final class Chain {
  private final long number;
  private final Clock clock;
  private final RowHash hashes = new RowHash();
  private final CanonicalRow row = new CanonicalRow();
  private final Frontier tree = new Frontier();
  private byte[] hash;
  private long sequence;
  private Instant recordedAt = Instant.EPOCH;

  /** A chain of which nothing is written. */
  Chain(ChainStart start, Clock clock) {
    this.number = start.chain();
    this.clock = clock;
    this.hash = hashes.of(start);
  }

  long number() {
    return number;
  }

  /** The last row's number; 0 before the first. */
  long sequence() {
    return sequence;
  }

  /** When the last batch was taken. */
  Instant recordedAt() {
    return recordedAt;
  }

  /** The chain as it stands, for a checkpoint. */
  Head head() {
    return new Head(number, sequence, hash, tree.root(), tree.encoded());
  }

  /** A chain at one moment. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Head(long chain, long size, byte[] hash, byte[] root, byte[] frontier) {}

  /**
   * Begins a batch: its time is now, or the one before if the clock was set back.
   *
   * @return whether it is the first batch of another UTC day than that of the rows before
   */
  boolean tick() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    boolean nextDay = sequence > 0 && day(now) > day(recordedAt);
    if (now.isAfter(recordedAt)) {
      recordedAt = now;
    }
    return nextDay;
  }

  private static long day(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), 86_400L);
  }

  /** Gives the next places to the events, in order, and returns their hashes. */
  Buffer[] append(List<AuditEvent> events) {
    Buffer[] appended = new Buffer[events.size()];
    for (int i = 0; i < appended.length; i++) {
      row.set(number, ++sequence, recordedAt, events.get(i));
      hash = hashes.of(hash, row.bytes(), 0, row.length());
      tree.add(hash);
      appended[i] = Buffer.buffer(hash);
    }
    return appended;
  }
}
