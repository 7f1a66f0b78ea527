package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.EventKind;
import dev.gatehouse.audit.Verifier.Fault;
import dev.gatehouse.audit.Verifier.Report;
import dev.gatehouse.audit.proof.Checkpoint;
import dev.gatehouse.audit.proof.CheckpointKey;
import dev.gatehouse.audit.proof.Frontier;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every bit of a stored row and of a checkpoint is flipped, one at a time: for each bit there is a
 * chain of three rows, of whose second one that bit is flipped in the database. A superuser's casts
 * store even what PostgreSQL would refuse: zero bytes, broken UTF-8, times that are none.
 */
class BitFlipIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  /**
   * A prime: a flipped bit makes of a multiple no other one, nor what another bit makes of another.
   */
  private static final int STEP = 1_000_003;

  private static final String NOTHING =
      "delete from audit_event; delete from audit_chain; delete from audit_checkpoint";

  private static final int WORD_BITS = 64;
  private static final int BYTE_BITS = 8;

  /** Every text has a value, so that it has bits. */
  private static final AuditEvent TARGET =
      new AuditEvent(
          START,
          EventKind.EXECUTION_ENDED,
          "äction",
          "parent",
          "tenant",
          "session",
          "actor",
          "role",
          "tool",
          "HIGH",
          "ALLOW",
          "rule",
          "sha256:a",
          "sandbox",
          77L,
          "exited",
          "{\"text\":\"€\"}");

  private static CheckpointKey key;

  @BeforeAll
  static void theSuperuserMakesHisTools() throws IOException {
    LOG.tamper("create cast (bytea as text) without function");
    LOG.tamper("create cast (bigint as timestamptz) without function");
    LOG.tamper("create cast (timestamptz as bigint) without function");
    key = CheckpointKey.open(Files.createDirectories(LOG.data().resolve(AuditLog.DIRECTORY)));
  }

  @BeforeEach
  void anEmptyLog() {
    LOG.tamper(NOTHING);
  }

  private static Report verify() throws Exception {
    return Verification.ofDatabase(
        LOG.options(), null, null, Trust.read(LOG.data().resolve(AuditLog.DIRECTORY), null));
  }

  /** Chains of three rows; the number of each is {@code STEP} times its place from 1. */
  private static void chains(int count) {
    List<StoredEvent> rows = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      ChainStart start = new ChainStart((long) STEP * i, "node", START, null, 0, new byte[32]);
      Instant[] now = {START};
      Chain chain =
          new Chain(
              start,
              new Clock() {
                @Override
                public java.time.ZoneId getZone() {
                  return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(java.time.ZoneId zone) {
                  return this;
                }

                @Override
                public Instant instant() {
                  return now[0];
                }
              });
      for (int row = 1; row <= 3; row++) {
        now[0] = now[0].plusSeconds(1);
        chain.tick();
        Buffer hash = chain.append(List.of(TARGET))[0];
        rows.add(
            new StoredEvent(
                start.chain(),
                row,
                chain.recordedAt(),
                HexFormat.of().formatHex(hash.getBytes()),
                TARGET));
      }
    }
    store(rows);
    LOG.tamper(
        "insert into audit_chain (chain, node, started_at) overriding system value select "
            + STEP
            + " * n, 'node', '"
            + START
            + "' from generate_series(1, "
            + count
            + ") as n");
  }

  private static void store(List<StoredEvent> rows) {
    RunningLog.await(
        LOG.database()
            .pool()
            .withTransaction(connection ->
                connection
                    .preparedQuery(AuditRows.insertion(1))
                    .executeBatch(
                        rows.stream()
                            .map(row ->
                                AuditRows.parameters(
                                    row.chain(),
                                    row.sequence(),
                                    row.recordedAt(),
                                    List.of(row.event()),
                                    new Buffer[] {
                                      Buffer.buffer(HexFormat.of().parseHex(row.hash()))
                                    }))
                            .toList())));
  }

  /** Flips the bit of that number, which SQL calls {@code bit}. */
  private static String flipped(String type, String column) {
    return switch (type) {
      case "bigint" -> column + " # (1::bigint << bit)";
      case "timestamptz" -> "(" + column + "::bigint # (1::bigint << bit))::timestamptz";
      case "bytea" -> flippedBytes(column);
      default -> flippedBytes("convert_to(" + column + ", 'UTF8')") + "::text";
    };
  }

  private static String flippedBytes(String bytes) {
    return "set_bit(" + bytes + ", bit, 1 - get_bit(" + bytes + ", bit))";
  }

  record Column(String name, String type, int bits) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Column> columns(String table) {
    return RunningLog.await(
            LOG.database()
                .pool()
                .query(
                    "select attname, format_type(atttypid, null) from pg_attribute where attrelid ="
                        + " '"
                        + table
                        + "'::regclass and attnum > 0 order by attnum")
                .execute())
        .stream()
        .map(row ->
            new Column(
                row.getString(0),
                row.getString(1).replace("timestamp with time zone", "timestamptz"),
                0))
        .toList();
  }

  static Stream<Column> rowColumns() {
    LOG.tamper(NOTHING);
    chains(1);
    return columns("audit_event").stream()
        .map(column -> {
          boolean bytes = Set.of("text", "bytea").contains(column.type());
          int bits =
              bytes
                  ? BYTE_BITS
                      * Integer.parseInt(
                          LOG.show(
                              "select octet_length("
                                  + column.name()
                                  + ") from audit_event limit 1"))
                  : WORD_BITS;
          return new Column(column.name(), column.type(), bits);
        });
  }

  @ParameterizedTest
  @MethodSource("rowColumns")
  void namesTheRowOfWhichABitOfThisColumnWasFlipped(Column column) throws Exception {
    // Given
    chains(column.bits());
    assertTrue(verify().intact(), "as it was written");

    // When
    LOG.tamper(
        "update audit_event set "
            + column.name()
            + " = "
            + flipped(column.type(), column.name())
            + " from generate_series(0, "
            + (column.bits() - 1)
            + ") as bit where chain = "
            + STEP
            + " * (bit + 1) and sequence = 2");
    Report report = verify();

    // Then
    assertEquals(3L * column.bits(), report.rows());
    Set<Long> named =
        report.findings().stream()
            .filter(finding -> finding.sequence() == 2)
            .filter(finding -> finding.fault() == faultOf(column))
            .map(Verifier.Finding::chain)
            .collect(Collectors.toSet());
    for (int bit = 0; bit < column.bits(); bit++) {
      assertTrue(named.contains((long) STEP * (bit + 1)), column + ", bit " + bit);
    }
  }

  /** A row with another place is missing at its own. */
  private static Fault faultOf(Column column) {
    return Set.of("chain", "sequence").contains(column.name()) ? Fault.MISSING : Fault.CHANGED;
  }

  @Test
  void namesTheRowOfWhichAValueBecameNothing() throws Exception {
    // Given
    List<String> nullable =
        List.of(
            "duration_nanos",
            "parent",
            "session",
            "actor",
            "role",
            "tool",
            "risk",
            "outcome",
            "rule",
            "policy",
            "sandbox",
            "status");
    chains(nullable.size());

    // When
    for (int i = 0; i < nullable.size(); i++) {
      LOG.tamper(
          "update audit_event set "
              + nullable.get(i)
              + " = null where sequence = 2 and chain = "
              + STEP * (i + 1));
    }
    Report report = verify();

    // Then
    assertEquals(nullable.size(), report.faults(), report.toString());
    assertTrue(report.findings().stream().allMatch(finding -> finding.sequence() == 2));
  }

  static Stream<Column> checkpointColumns() {
    LOG.tamper(NOTHING);
    chains(1);
    Checkpoint one = checkpoint(STEP);
    return columns("audit_checkpoint").stream()
        .map(column ->
            new Column(
                column.name(),
                column.type(),
                switch (column.name()) {
                  case "hash", "root" -> BYTE_BITS * one.root().length;
                  case "frontier" -> BYTE_BITS * one.frontier().length;
                  case "signature" -> BYTE_BITS * one.signature().length;
                  case "key" -> BYTE_BITS * one.key().length();
                  default -> WORD_BITS;
                }));
  }

  /** Signs a chain as it is stored. */
  private static Checkpoint checkpoint(long number) {
    Frontier tree = new Frontier();
    byte[] hash = new byte[0];
    for (var row :
        RunningLog.await(
            LOG.database()
                .pool()
                .query(
                    "select hash from audit_event where chain = " + number + " order by sequence")
                .execute())) {
      hash = row.getBuffer(0).getBytes();
      tree.add(hash);
    }
    return key.sign(number, tree.size(), hash, tree.root(), tree.encoded(), START);
  }

  @ParameterizedTest
  @MethodSource("checkpointColumns")
  void findsACheckpointOfWhichABitOfThisColumnWasFlipped(Column column) throws Exception {
    // Given
    chains(column.bits());
    for (int bit = 0; bit < column.bits(); bit++) {
      Checkpoint made = checkpoint((long) STEP * (bit + 1));
      HexFormat hex = HexFormat.of();
      LOG.tamper(
          String.format(
              "insert into audit_checkpoint values (%d, %d, '\\x%s', '\\x%s', '\\x%s', '%s', '%s',"
                  + " '\\x%s')",
              made.chain(),
              made.size(),
              hex.formatHex(made.hash()),
              hex.formatHex(made.root()),
              hex.formatHex(made.frontier()),
              made.madeAt(),
              made.key(),
              hex.formatHex(made.signature())));
    }
    assertTrue(verify().intact(), "as it was signed");

    // When
    LOG.tamper(
        "update audit_checkpoint set "
            + column.name()
            + " = "
            + flipped(column.type(), column.name())
            + " from generate_series(0, "
            + (column.bits() - 1)
            + ") as bit where chain = "
            + STEP
            + " * (bit + 1)");
    Report report = verify();

    // Then
    assertEquals(column.bits(), report.faults());
    assertTrue(
        report.findings().stream().allMatch(finding -> finding.fault() == Fault.CONTRADICTED),
        report.findings().toString());
    if (!column.name().equals("chain")) {
      assertEquals(
          column.bits(),
          report.findings().stream().map(Verifier.Finding::chain).distinct().count());
    }
  }
}
