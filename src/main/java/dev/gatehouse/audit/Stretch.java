package dev.gatehouse.audit;

import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a chain and of one day, one behind the other: which of them have which values of the
 * columns that have no index. Used by one thread at a time.
 */
final class Stretch {
  /** Rows of a whole one; bits are read by words of 64. */
  static final int ROWS = 8_000;

  /** The columns, by what they find: the fewest rows first. */
  static final List<String> COLUMNS = List.of("rule", "status", "tool", "kind");

  /** Rows that are written by their numbers; more are written as bits, which take 1,000 bytes. */
  private static final int FEW = 16;

  private final long chain;
  private final long first;
  private final int length;
  private final Map<Value, Places> places = new HashMap<>();
  private long last;
  private @Nullable Instant lo;
  private @Nullable Instant hi;

  /** An empty one that begins with this row and has at most so many. */
  Stretch(long chain, long first, int length) {
    this.chain = chain;
    this.first = first;
    this.length = length;
    this.last = first - 1;
  }

  private record Value(String tenant, String name, String value) {}

  /** Rows counted from the first, in their order. */
  private static final class Places {
    private short[] numbers = new short[2];
    private int count;

    void add(int place) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = (short) place;
    }

    @Nullable String few() {
      if (count > FEW) {
        return null;
      }
      StringBuilder text = new StringBuilder("{");
      for (int i = 0; i < count; i++) {
        text.append(i == 0 ? "" : ",").append(numbers[i]);
      }
      return text.append('}').toString();
    }

    @Nullable String many(int length) {
      if (count <= FEW) {
        return null;
      }
      byte[] bits = new byte[length / Byte.SIZE];
      for (int i = 0; i < count; i++) {
        bits[numbers[i] / Byte.SIZE] |= (byte) (0x80 >>> (numbers[i] % Byte.SIZE));
      }
      return "x" + HexFormat.of().formatHex(bits);
    }
  }

  /** Adds the row behind those that are there; rows may be missing in between. */
  void add(
      long sequence,
      Instant recordedAt,
      String tenant,
      @Nullable String rule,
      @Nullable String status,
      @Nullable String tool,
      String kind) {
    int place = Math.toIntExact(sequence - first);
    add(place, tenant, COLUMNS.get(0), rule);
    add(place, tenant, COLUMNS.get(1), status);
    add(place, tenant, COLUMNS.get(2), tool);
    add(place, tenant, COLUMNS.get(3), kind);
    last = sequence;
    lo = lo == null ? recordedAt : lo;
    hi = recordedAt;
  }

  private void add(int place, String tenant, String name, @Nullable String value) {
    if (value != null) {
      places.computeIfAbsent(new Value(tenant, name, value), added -> new Places()).add(place);
    }
  }

  /** Whether a row of this time may be added: all are of one UTC day, and go with it. */
  boolean takes(Instant recordedAt) {
    return lo == null || day(lo) == day(recordedAt);
  }

  private static long day(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), 86_400L);
  }

  /** The row behind the last. */
  long next() {
    return last + 1;
  }

  boolean isWhole() {
    return next() == first + length;
  }

  /**
   * The parameters of the database's {@code audit_post}.
   *
   * @param through the last row of which it tells
   * @param done whether nothing will be added to the chain any more
   */
  Tuple parameters(long through, boolean done) {
    int count = places.size();
    String[][] columns = new String[5][count];
    int i = 0;
    for (Map.Entry<Value, Places> entry : places.entrySet()) {
      columns[0][i] = entry.getKey().tenant();
      columns[1][i] = entry.getKey().name();
      columns[2][i] = entry.getKey().value();
      columns[3][i] = entry.getValue().few();
      columns[4][i] = entry.getValue().many(length);
      i++;
    }
    Tuple parameters =
        Tuple.tuple()
            .addLong(chain)
            .addLong(first)
            .addLong(through)
            .addOffsetDateTime(lo == null ? null : AuditRows.time(lo))
            .addOffsetDateTime(hi == null ? null : AuditRows.time(hi))
            .addBoolean(done);
    for (String[] column : columns) {
      parameters.addArrayOfString(column);
    }
    return parameters;
  }
}
