package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.cli.AuditCommand;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Partitions, retention and the archive on a real PostgreSQL. */
class KeeperIT {
  private static final Path ARCHIVE =
      Path.of(
          System.getProperty("java.io.tmpdir"),
          "gatehouse-archive-" + ProcessHandle.current().pid());

  @RegisterExtension
  static final RunningLog LOG =
      new RunningLog()
          .with("GATEHOUSE_AUDIT_RETENTION_DAYS", "30")
          .with("GATEHOUSE_AUDIT_RETENTION_ARCHIVE", ARCHIVE.toString());

  private final LocalDate today = LocalDate.now(ZoneOffset.UTC);

  @BeforeEach
  void anEmptyLog() {
    LOG.tamper(
        "delete from audit_event; delete from audit_chain; delete from audit_checkpoint; delete"
            + " from audit_archive");
  }

  private static String verify(String... more) {
    String[] args = new String[more.length + 1];
    args[0] = "verify";
    System.arraycopy(more, 0, args, 1, more.length);
    return command(args);
  }

  private static String command(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    new AuditCommand(LOG.environment()).run(args, print, print);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aDayThatIsTooOldGoesToAFileAndTheRestStaysIntact() throws Exception {
    // Given
    AuditLog log = LOG.open("node");
    RunningLog.await(
        log.before(List.of(Events.decision("old-1", "{}"), Events.decision("old-2", "{}"))));

    LOG.tamper(
        "insert into audit_posting (tenant, name, value, lo, hi, chain, first) select 'default',"
            + " 'rule', 'rule-1', at, at, 1, 1 from (values (now()), (now() + interval '2 days'))"
            + " as t (at)");

    // When
    int moved = RunningLog.await(log.keep(today.plusDays(31)));

    // Then
    assertEquals(1, moved);
    assertEquals("1", LOG.show("select count(*) from audit_posting"), "its postings go with it");
    Path file = ARCHIVE.resolve("audit_event_" + today.toString().replace("-", "") + ".ndjson.gz");
    assertTrue(verify(file.toString()).startsWith("intact: 2 rows, 1 chains, 1 checkpoints"));
    assertEquals("0", LOG.show("select count(*) from audit_event where action like 'old-%'"));
    LOG.tamper("select audit_event_add_days('" + today + "', 3)");
    RunningLog.await(log.before(List.of(Events.decision("new", "{}"))));
    RunningLog.await(log.close());
    String rest = verify();
    assertTrue(rest.startsWith("intact: "), rest);
    assertEquals(
        LOG.show("select sha256 from audit_archive"),
        LOG.show(
            "select detail::jsonb->>'sha256' from audit_event where kind = 'log.archived' and"
                + " action = '"
                + today
                + "'"));
    Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
    assertTrue(verify().contains("was changed"), verify());
    LOG.tamper("update audit_archive set sha256 = repeat('ab', 32)");
    assertTrue(verify().contains("no known key signed that rows 1 to 2 went"), verify());
    LOG.tamper("delete from audit_archive");
    assertTrue(verify().contains("are missing"), verify());
    Files.delete(file);
  }

  /** Writes a chain of two rows a day: the day before yesterday, yesterday and today. */
  private ChainStart chainOfThreeDays() {
    LOG.tamper("select audit_event_add_days('" + today.minusDays(2) + "', 6)");
    MovingClock clock = new MovingClock(noon(today.minusDays(2)));
    ChainStart start =
        RunningLog.await(ChainRows.open(LOG.database().pool(), "days", clock.instant()));
    Chain chain = new Chain(start, clock);
    for (int day = 0; day < 3; day++) {
      clock.set(noon(today.minusDays(2 - day)));
      chain.tick();
      List<AuditEvent> events =
          List.of(
              Events.decision("day-" + day + "-1", "{}"),
              Events.decision("day-" + day + "-2", "{}"));
      long first = chain.sequence() + 1;
      RunningLog.await(
          LOG.database()
              .pool()
              .preparedQuery(AuditRows.insertion(2))
              .execute(
                  AuditRows.parameters(
                      start.chain(), first, chain.recordedAt(), events, chain.append(events))));
    }
    return start;
  }

  private static Instant noon(LocalDate day) {
    return day.atTime(12, 0).toInstant(ZoneOffset.UTC);
  }

  private static final class MovingClock extends Clock {
    private Instant now;

    MovingClock(Instant now) {
      this.now = now;
    }

    void set(Instant later) {
      now = later;
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static Path file(LocalDate day) {
    return ARCHIVE.resolve("audit_event_" + day.toString().replace("-", "") + ".ndjson.gz");
  }

  @Test
  void everyDayOfAChainGoesToTheArchiveInItsTurn() throws Exception {
    // Given
    ChainStart start = chainOfThreeDays();
    AuditLog log = LOG.open("node");
    Path export = LOG.data().resolve("rest.ndjson");

    for (int day = 0; day < 3; day++) {
      // When
      int moved = RunningLog.await(log.keep(today.plusDays(29 + day)));

      // Then
      assertEquals(1, moved);
      String archived = verify(file(today.minusDays(2 - day)).toString());
      assertTrue(archived.startsWith("intact: "), archived);
      String rest = verify();
      assertTrue(rest.startsWith("intact: "), rest);
      String gone = "and " + LOG.show("select sum(rows) from audit_archive") + " archived ones";
      assertTrue(rest.contains(gone), rest);
      String since = verify("--from", today.minusDays(2).toString());
      assertTrue(since.startsWith("intact: "), since);
      command("export", export.toString(), "--complete", "yes");
      String exported = verify(export.toString());
      assertTrue(exported.startsWith("intact: "), exported);
      assertTrue(exported.contains(gone), exported);
    }
    RunningLog.await(log.close());
    RunningLog.await(LOG.open("days").close());
    assertEquals(
        "6",
        LOG.show(
            "select previous_sequence from audit_chain where previous_chain = " + start.chain()),
        "a chain follows the one before it also where that is archived");
    assertTrue(verify().startsWith("intact: "), verify());
  }

  @Test
  void aDayBehindOneThatIsHeldGoesToTheArchive() {
    // Given
    chainOfThreeDays();
    LOG.tamper("update audit_event set tenant = 'held' where action = 'day-0-1'");
    LOG.with("GATEHOUSE_AUDIT_RETENTION_HOLDS", "[{tenant: held}]");
    AuditLog log = LOG.open("node");

    // When
    int moved = RunningLog.await(log.keep(today.plusDays(30)));

    // Then
    assertEquals(1, moved);
    LOG.tamper("update audit_event set tenant = 'default' where tenant = 'held'");
    String text = verify();
    assertTrue(text.startsWith("intact: "), text);
    assertTrue(text.contains("and 2 archived ones"), text);
    RunningLog.await(log.close());
    LOG.with("GATEHOUSE_AUDIT_RETENTION_HOLDS", "[]");
  }

  @Test
  void aDayToWhichTwoServersWroteIsArchivedOnceTheirKeysAreKnown() throws Exception {
    // Given: another server with a data directory of its own
    Path other = Files.createTempDirectory("gatehouse-other");
    Path keys = Files.createTempDirectory("gatehouse-keys");
    AuditLog second = LOG.open("second", other);
    RunningLog.await(second.before(List.of(Events.decision("second", "{}"))));
    RunningLog.await(second.close());
    LOG.with("GATEHOUSE_AUDIT_CHECKPOINTS_TRUSTED_KEYS", keys.toString());
    AuditLog log = LOG.open("node");

    // When: its key is not known
    int moved = RunningLog.await(log.keep(today.plusDays(31)));

    // Then
    assertEquals(0, moved);
    assertTrue(verify().contains("no known key signed"), verify());

    // When
    try (var files = Files.newDirectoryStream(other.resolve("audit/public"))) {
      for (Path file : files) {
        Files.copy(file, keys.resolve(file.getFileName()));
      }
    }

    // Then
    assertEquals(1, RunningLog.await(log.keep(today.plusDays(31))));
    assertTrue(verify().startsWith("intact: "), verify());
    RunningLog.await(log.close());
    LOG.without("GATEHOUSE_AUDIT_CHECKPOINTS_TRUSTED_KEYS");
  }

  @Test
  void aDayThatAReceiverHasNotGotStaysUntilItHas() {
    // Given: a receiver that is away, and has seen nothing of the first day
    ChainStart start = chainOfThreeDays();
    LOG.with("GATEHOUSE_AUDIT_SINKS", "[{name: late, kind: webhook, to: 'http://127.0.0.1:1/'}]");
    LOG.tamper(
        "insert into audit_delivery (sink, place, owner, lease_until) values ('late', '"
            + start.chain()
            + ":1', 'another', now() + interval '1 day'), ('gone', '', 'another', now())");
    AuditLog log = LOG.open("node");

    // When
    int moved = RunningLog.await(log.keep(today.plusDays(29)));

    // Then
    assertEquals(0, moved);
    LOG.tamper("update audit_delivery set place = '" + start.chain() + ":2' where sink = 'late'");
    assertEquals(1, RunningLog.await(log.keep(today.plusDays(29))));
    RunningLog.await(log.close());
    LOG.tamper("delete from audit_delivery");
    LOG.without("GATEHOUSE_AUDIT_SINKS");
  }

  @Test
  void rowsThatSomebodyDeletedAndCalledArchivedAreMissed() {
    // Given
    AuditLog log = LOG.open("node");
    RunningLog.await(log.before(List.of(Events.decision("a", "{}"), Events.decision("b", "{}"))));
    RunningLog.await(log.close());

    // When: he can write to the database, and has no key
    LOG.tamper(
        "delete from audit_event; insert into audit_archive (day, chain, last_sequence, rows, file,"
            + " sha256) select current_date, chain, size, size, '/nowhere', repeat('00', 32) from"
            + " audit_checkpoint");

    // Then
    String text = verify();
    assertTrue(text.contains("no known key signed that rows 1 to 2 went to the archive"), text);
    assertTrue(text.contains("NOT INTACT"), text);
  }

  @Test
  void aDayThatIsDamagedStaysAndDoesNotKeepTheOthers() {
    // Given
    chainOfThreeDays();
    LOG.tamper("update audit_event set outcome = 'DENY' where action = 'day-0-2'");
    AuditLog log = LOG.open("node");

    // When
    int moved = RunningLog.await(log.keep(today.plusDays(30)));

    // Then
    assertEquals(1, moved);
    assertEquals("2", LOG.show("select count(*) from audit_event where action like 'day-0-%'"));
    assertEquals("0", LOG.show("select count(*) from audit_event where action like 'day-1-%'"));
    RunningLog.await(log.close());
  }

  @Test
  void aDayThatHasEventsUnderLegalHoldStays() {
    // Given
    LOG.tamper("select audit_event_add_days('" + today + "', 3)");
    LOG.with("GATEHOUSE_AUDIT_RETENTION_HOLDS", "[{tenant: default, session: s1}]");
    AuditLog log = LOG.open("node");
    RunningLog.await(log.before(List.of(Events.decision("held", "{}"))));

    // When
    int moved = RunningLog.await(log.keep(today.plusDays(31)));

    // Then
    assertEquals(0, moved);
    assertEquals("1", LOG.show("select count(*) from audit_event where action = 'held'"));
    RunningLog.await(log.close());
    LOG.with("GATEHOUSE_AUDIT_RETENTION_HOLDS", "[{tenant: other}]");
    AuditLog other = LOG.open("node");
    assertEquals(1, RunningLog.await(other.keep(today.plusDays(31))));
    RunningLog.await(other.close());
    LOG.with("GATEHOUSE_AUDIT_RETENTION_HOLDS", "[]");
  }

  @Test
  void aDayThatIsOverGetsItsIndexOfWords() {
    // Given
    LOG.tamper("select audit_event_add_days('" + today + "', 3)");
    AuditLog log = LOG.open("node");

    // When
    RunningLog.await(log.keep(today.plusDays(2)));

    // Then
    String day = "audit_event_" + today.toString().replace("-", "");
    assertEquals("true", LOG.show("select to_regclass('" + day + "_words') is not null"));
    RunningLog.await(log.close());
  }

  @Test
  void daysAreMadeAheadAndTheClockMayBeFarOff() {
    // Given
    AuditLog log = LOG.open("node");

    // When
    RunningLog.await(log.keep(today));

    // Then
    assertEquals("true", exists(today.plusDays(7)));
    RunningLog.await(log.close());
  }

  @Test
  void aLongReaderHoldsUpNeitherWritersNorTheKeeper() {
    // Given
    AuditLog log = LOG.open("node");
    LOG.tamper("select audit_event_add_days('" + today.minusDays(40) + "', 1)");
    PgConnection reader = RunningLog.await(LOG.database().connect());
    RunningLog.await(reader.query("begin; select count(*) from audit_event").execute());

    // When
    Future<Integer> kept = log.keep(today.plusDays(3));

    // Then
    while (!kept.isComplete()) {
      RunningLog.await(log.before(List.of(Events.decision("new", "{}"))));
    }
    RunningLog.await(kept);
    assertEquals("true false", oldAndNewDay());
    RunningLog.await(reader.close());
    RunningLog.await(log.keep(today.plusDays(3)));
    assertEquals("false true", oldAndNewDay());
    RunningLog.await(log.close());
  }

  private String oldAndNewDay() {
    return exists(today.minusDays(40)) + " " + exists(today.plusDays(10));
  }

  private static String exists(LocalDate day) {
    String name = "audit_event_" + day.toString().replace("-", "");
    return LOG.show("select to_regclass('" + name + "') is not null");
  }

  @Test
  void serversThatMakeTheSameDaysTakeTurns() {
    List<Future<Integer>> made = new ArrayList<>();
    for (int server = 0; server < 4; server++) {
      made.add(
          LOG.database()
              .pool()
              .query("select audit_event_add_days('2040-01-01', 5)")
              .execute()
              .map(rows -> rows.iterator().next().getInteger(0)));
    }
    RunningLog.await(Future.all(made));

    // Then
    assertEquals(5, made.stream().mapToInt(Future::result).sum());
  }
}
