package dev.gatehouse.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The canonical bytes of a row: each column but the hash, in the order of the table, as a length of
 * four bytes (-1 for null) and the value. Numbers are eight bytes, times microseconds since
 * 2000-01-01 UTC, texts UTF-8. It is PostgreSQL's own binary form of a row, so that a verifier can
 * hash what COPY sends without reading it.
 *
 * <p>Holds one row at a time; confined to one thread. Hot path.
 */
final class CanonicalRow {
  /** Columns of a row, the hash not counted. */
  static final int COLUMNS = 20;

  private static final long POSTGRES_EPOCH_SECONDS = 946_684_800L;
  private static final int LENGTH_BYTES = 4;
  private static final int NUMBER_BYTES = 8;

  private byte[] bytes = new byte[2048];
  private int length;

  /** Takes the place of what was here before. */
  void set(long chain, long sequence, Instant recordedAt, AuditEvent event) {
    length = 0;
    number(chain);
    number(sequence);
    number(micros(recordedAt));
    number(micros(event.occurredAt()));
    Long duration = event.durationNanos();
    if (duration == null) {
      length(-1);
    } else {
      number(duration);
    }
    text(event.kind().word());
    text(event.action());
    text(event.parent());
    text(event.tenant());
    text(event.session());
    text(event.actor());
    text(event.role());
    text(event.tool());
    text(event.risk());
    text(event.outcome());
    text(event.rule());
    text(event.policy());
    text(event.sandbox());
    text(event.status());
    text(event.detail());
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Microseconds since 2000-01-01 UTC. */
  static long micros(Instant time) {
    return (time.getEpochSecond() - POSTGRES_EPOCH_SECONDS) * 1_000_000 + time.getNano() / 1_000;
  }

  static Instant time(long micros) {
    return Instant.ofEpochSecond(
        POSTGRES_EPOCH_SECONDS + Math.floorDiv(micros, 1_000_000L),
        Math.floorMod(micros, 1_000_000L) * 1_000L);
  }

  private void number(long value) {
    length(NUMBER_BYTES);
    reserve(NUMBER_BYTES);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  private void text(@Nullable String value) {
    if (value == null) {
      length(-1);
      return;
    }
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    length(utf8.length);
    reserve(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
  }

  private void length(int value) {
    reserve(LENGTH_BYTES);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
