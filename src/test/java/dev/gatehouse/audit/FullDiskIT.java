package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.audit.Verifier.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The database's disk is full. The disk is a small tmpfs, as a tablespace for the day's rows; only
 * root can mount one.
 */
class FullDiskIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final int NOISE_CHARS = 30_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static void root(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), String.join(" ", command));
  }

  @Test
  void newWorkIsRefusedWhileTheDiskIsFullAndServiceReturnsByItself() throws Exception {
    // Given
    Path disk = Files.createTempDirectory("gatehouse-disk");
    root("mount", "-t", "tmpfs", "-o", "size=8m,mode=0777", "tmpfs", disk.toString());
    try {
      fillAndEmpty(disk);
    } finally {
      root("umount", "-l", disk.toString());
      Files.delete(disk);
    }
  }

  private static void fillAndEmpty(Path disk) throws Exception {
    Path place = Files.createDirectory(disk.resolve("rows"));
    LOG.ownedByPostgres(place);
    AuditLog log = LOG.open("full");
    RunningLog.await(
        LOG.database().pool().query("create tablespace small location '" + place + "'").execute());
    for (String day :
        LOG.show(
                "select string_agg(inhrelid::regclass::text, ' ') from pg_inherits where inhparent ="
                    + " 'audit_event'::regclass")
            .split(" ", -1)) {
      RunningLog.await(
          LOG.database().pool().query("alter table " + day + " set tablespace small").execute());
    }
    RunningLog.await(log.before(List.of(Events.decision("before", "{}"))));

    // When
    List<String> acknowledged = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 2_000 && refused == 0; i++) {
      try {
        RunningLog.await(
            log.before(List.of(Events.decision("full-" + i, "{\"n\":\"" + i + noise(i) + "\"}"))));
        acknowledged.add("full-" + i);
      } catch (AuditUnavailableException e) {
        refused++;
      }
    }

    // Then
    assertEquals(1, refused, "the disk is full");
    assertFalse(log.available());
    root("mount", "-o", "remount,size=64m", disk.toString());
    Eventually.eventually("the log is back", LIMIT, log::available);
    RunningLog.await(log.before(List.of(Events.decision("after", "{}"))));
    RunningLog.await(log.close());
    for (String action : acknowledged) {
      assertEquals(
          "1", LOG.show("select count(*) from audit_event where action = '" + action + "'"));
    }
    Report report =
        Verification.ofDatabase(
            LOG.options(), null, null, Trust.read(LOG.data().resolve(AuditLog.DIRECTORY), null));
    assertTrue(report.intact(), report.toString());
  }

  /** PostgreSQL compresses what repeats. */
  private static String noise(int seed) {
    java.util.Random random = new java.util.Random(seed);
    StringBuilder noise = new StringBuilder(NOISE_CHARS);
    for (int i = 0; i < NOISE_CHARS; i++) {
      noise.append((char) ('a' + random.nextInt(26)));
    }
    return noise.toString();
  }
}
