package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.cli.AuditCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code audit verify} on a real PostgreSQL, as the command line calls it. */
class VerificationIT {
  private static final Path KEPT =
      Path.of(
          System.getProperty("java.io.tmpdir"), "gatehouse-kept-" + ProcessHandle.current().pid());

  @RegisterExtension
  static final RunningLog LOG =
      new RunningLog().with("GATEHOUSE_AUDIT_CHECKPOINTS_FILE", KEPT.toString());

  private static final int ROWS = 50;

  private long chain;

  private record Outcome(int code, String text) {}

  @BeforeEach
  void aChainOfFiftyRows() throws IOException {
    LOG.tamper("delete from audit_event; delete from audit_chain; delete from audit_checkpoint");
    Files.writeString(KEPT, "");
    AuditLog log = LOG.open("node");
    chain = log.chain();
    List<AuditEvent> events = new ArrayList<>();
    for (int i = 1; i <= ROWS; i++) {
      events.add(Events.decision("äction-" + i, "{\"n\":" + i + ",\"text\":\"\\u0000€\"}"));
    }
    RunningLog.await(log.before(events));
    RunningLog.await(log.close());
  }

  private static Outcome verify(String... more) {
    List<String> args = new ArrayList<>(List.of("verify"));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private static Outcome run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    int code = new AuditCommand(LOG.environment()).run(args, print, print);
    return new Outcome(code, out.toString(StandardCharsets.UTF_8));
  }

  private Outcome afterTampering(String sql) {
    LOG.tamper(sql.replace(":chain", Long.toString(chain)));
    return verify();
  }

  @Test
  void aLogAsItWasWrittenIsIntact() {
    Outcome outcome = verify();

    assertEquals(0, outcome.code(), outcome.text());
    assertTrue(outcome.text().startsWith("intact: 50 rows, 1 chains"), outcome.text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "recorded_at = recorded_at + interval '1 microsecond'",
        "occurred_at = occurred_at - interval '1 microsecond'",
        "duration_nanos = null",
        "duration_nanos = duration_nanos + 1",
        "kind = 'alert'",
        "action = concat(action, ' ')",
        "parent = ''",
        "tenant = 'other'",
        "session = null",
        "actor = 'Agent'",
        "role = 'operator'",
        "tool = 'python'",
        "risk = 'HIGH'",
        "outcome = 'DENY'",
        "rule = 'rule-2'",
        "policy = ''",
        "sandbox = 'x'",
        "status = 'exited'",
        "detail = replace(detail, '17', '18')",
        "hash = set_bit(hash, 255, 1 - get_bit(hash, 255))",
        "hash = ''"
      })
  void namesARowOfWhichOneColumnWasChanged(String change) {
    Outcome outcome =
        afterTampering(
            "update audit_event set " + change + " where chain = :chain and sequence = 17");

    assertEquals(1, outcome.code(), outcome.text());
    assertTrue(
        outcome.text().startsWith("changed chain " + chain + ": row 17 was changed"),
        outcome.text());
    // Where the hash itself was changed, the checkpoints do not fit either.
    assertTrue(outcome.text().contains(" 1 faults") || change.startsWith("hash"), outcome.text());
  }

  @Test
  void namesDeletedRows() {
    Outcome outcome =
        afterTampering("delete from audit_event where chain = :chain and sequence in (3, 30, 31)");

    assertEquals(1, outcome.code());
    assertTrue(outcome.text().contains("rows 3 to 3 are missing"), outcome.text());
    assertTrue(outcome.text().contains("rows 30 to 31 are missing"), outcome.text());
  }

  @Test
  void namesRowsThatChangedPlaces() {
    Outcome outcome =
        afterTampering(
            "update audit_event set sequence = case sequence when 5 then 9 else 5 end,"
                + " recorded_at = recorded_at + interval '1 s' where chain = :chain and sequence in"
                + " (5, 9)");

    assertTrue(outcome.text().contains("row 5 was changed"), outcome.text());
    assertTrue(outcome.text().contains("row 9 was changed"), outcome.text());
  }

  @Test
  void namesAnInsertedRow() {
    Outcome outcome =
        afterTampering(
            "insert into audit_event select chain,"
                + " sequence, recorded_at + interval '1 s', occurred_at, duration_nanos, kind,"
                + " action, parent, tenant, session, actor, role, tool, risk, outcome, rule,"
                + " policy, sandbox, status, detail, hash from audit_event where chain = :chain"
                + " and sequence = 20");

    assertTrue(outcome.text().contains("row 20 is there more than once"), outcome.text());
  }

  @Test
  void findsATailThatTheNextRunRemembers() {
    // Given
    RunningLog.await(LOG.open("node").close());

    // When
    Outcome outcome =
        afterTampering("delete from audit_event where chain = :chain and sequence > 40");

    // Then
    assertTrue(
        outcome.text().contains("truncated chain " + chain + ": the chain ends at row 40"),
        outcome.text());
  }

  @Test
  void checksAStretchOfTimeByItself() {
    // Given
    AuditLog second = LOG.open("node");
    RunningLog.await(second.before(List.of(Events.decision("later", "{}"))));
    RunningLog.await(second.close());
    String from =
        LOG.show("select max(recorded_at)::text from audit_event where action = 'later'")
            .replace(' ', 'T')
            .replace("+00", "Z");

    // When
    Outcome outcome = verify("--from", from);

    // Then
    assertTrue(outcome.text().startsWith("intact: 1 rows"), outcome.text());
    assertTrue(verify("--to", from).text().startsWith("intact: 50 rows"));
  }

  @Test
  void checksAFileWithoutADatabase() throws Exception {
    // Given
    List<StoredEvent> events =
        RunningLog.await(
            LOG.database()
                .pool()
                .query("select * from audit_event order by sequence")
                .execute()
                .map(AuditRows::read));
    Path file = LOG.data().resolve("export.ndjson");
    ChainStart start = RunningLog.await(ChainRows.all(LOG.database().pool())).get(0);
    List<String> lines = new ArrayList<>(List.of(LogLine.of(start)));
    events.forEach(event -> lines.add(EventJson.line(event)));
    Files.write(file, lines);
    assertEquals(0, verify(file.toString()).code(), verify(file.toString()).text());

    // When
    lines.set(10, lines.get(10).replace("agent", "angel"));
    Path forged = Files.write(LOG.data().resolve("forged.ndjson"), lines);
    Outcome outcome = verify(forged.toString());
    assertEquals(1, outcome.code());
    assertTrue(outcome.text().contains("row 10 was changed"), outcome.text());
  }

  @Test
  void findsADatabaseRolledBackToAnEarlierState() throws Exception {
    // Given
    assertEquals(0, verify().code(), verify().text());

    // When
    Outcome outcome =
        afterTampering("delete from audit_event where sequence > 30; delete from audit_checkpoint");

    // Then
    assertTrue(verify("--checkpoints", "/dev/null").text().startsWith("intact: 30 rows"));
    assertEquals(1, outcome.code(), outcome.text());
    assertTrue(
        outcome
            .text()
            .startsWith(
                "truncated chain " + chain + ": the chain ends at row 30, but the checkpoint of "),
        outcome.text());
  }

  @Test
  void findsAForgedCheckpoint() {
    Outcome outcome = afterTampering("update audit_checkpoint set size = size - 1");

    assertTrue(outcome.text().contains("no known key signed the checkpoint"), outcome.text());
  }

  @Test
  void provesOneEventAndTheGrowthOfTheLogOffline() throws Exception {
    // Given
    Path inclusion = LOG.data().resolve("inclusion.json");
    Path growth = LOG.data().resolve("growth.json");

    // When
    Files.writeString(inclusion, run("prove", Long.toString(chain), "17").text());
    Files.writeString(growth, run("prove", Long.toString(chain), "--since", "50").text());

    // Then
    Outcome held = verify(inclusion.toString());
    assertEquals(0, held.code(), held.text());
    assertTrue(held.text().contains("\"action\":\"äction-17\""), held.text());
    assertEquals("the proof holds\n", verify(growth.toString()).text());
    Path first = LOG.data().resolve("first.json");
    Files.writeString(first, run("prove", Long.toString(chain), "1").text());
    assertEquals(0, verify(first.toString()).code(), verify(first.toString()).text());
    String proof = Files.readString(inclusion);
    for (String[] forgery :
        List.of(
            new String[] {"\\\"sequence\\\":17", "\\\"sequence\\\":18"},
            new String[] {"äction-17", "äction-18"},
            new String[] {"ALLOW", "DENY"})) {
      assertTrue(proof.contains(forgery[0]), forgery[0]);
      Files.writeString(inclusion, proof.replace(forgery[0], forgery[1]));
      assertEquals(1, verify(inclusion.toString()).code(), forgery[1]);
    }
  }

  @Test
  void theDatabaseItselfRefusesChanges() {
    String day = LOG.show("select tableoid::regclass::text from audit_event limit 1");
    for (String table : List.of("audit_event", day)) {
      for (String sql : List.of("update %s set tool = 'x'", "delete from %s", "truncate %s")) {
        Exception refused =
            assertThrows(
                Exception.class,
                () ->
                    RunningLog.await(
                        LOG.database().pool().query(String.format(sql, table)).execute()));
        assertTrue(String.valueOf(refused.getMessage()).contains("append-only"));
      }
    }
  }
}
