package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.audit.Verifier.Report;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What was acknowledged is stored once, whatever becomes of PostgreSQL meanwhile. */
class CrashIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int WRITERS = 16;
  private static final int ROUNDS = 3;

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger writing = new AtomicInteger();
  private final AtomicBoolean enough = new AtomicBoolean();

  private void write(AuditLog log, String prefix) {
    if (enough.get()) {
      writing.decrementAndGet();
      return;
    }
    String action = prefix + next.incrementAndGet();
    log.before(List.of(Events.decision(action, "{}")))
        .onComplete(
            committed -> {
              acknowledged.add(action);
              write(log, prefix);
            },
            refused -> LOG.vertx().setTimer(20, id -> write(log, prefix)));
  }

  private void startWriters(AuditLog log, String prefix) {
    for (int i = 0; i < WRITERS; i++) {
      writing.incrementAndGet();
      write(log, prefix);
    }
  }

  private void stopWriters() {
    enough.set(true);
    Eventually.eventually("all writers ended", LIMIT, () -> writing.get() == 0);
  }

  private void awaitMore() {
    int before = acknowledged.size();
    Eventually.eventually("events are committed", LIMIT, () -> acknowledged.size() > before + 100);
  }

  private void assertStoredOnce(String prefix) {
    Map<String, Integer> stored = new HashMap<>();
    RunningLog.await(
            LOG.database()
                .pool()
                .query("select action from audit_event where action like '" + prefix + "%'")
                .execute())
        .forEach(row -> stored.merge(row.getString(0), 1, Integer::sum));
    for (String action : acknowledged) {
      assertEquals(1, stored.get(action), action);
    }
    assertTrue(stored.values().stream().allMatch(count -> count == 1));
  }

  private static void assertIntact() throws Exception {
    Path keys = LOG.data().resolve(AuditLog.DIRECTORY);
    Report report = Verification.ofDatabase(LOG.options(), null, null, Trust.read(keys, null));
    assertTrue(report.intact(), report.toString());
  }

  @Test
  void nothingAcknowledgedIsLostWhenPostgresIsKilled() throws Exception {
    // Given
    AuditLog log = LOG.open("killed");
    startWriters(log, "killed-");

    // When
    for (int round = 0; round < ROUNDS; round++) {
      awaitMore();
      LOG.killPostgres();
      Eventually.eventually("the loss is noticed", LIMIT, () -> !log.available());
      Eventually.eventually("the log is back", LIMIT, log::available);
    }
    awaitMore();
    stopWriters();
    RunningLog.await(log.close());

    // Then
    assertStoredOnce("killed-");
    assertIntact();
  }

  @Test
  void refusesWhilePostgresIsReadOnlyAndGoesOnByItself() throws Exception {
    // Given
    AuditLog log = LOG.open("read-only");
    startWriters(log, "read-only-");
    awaitMore();

    // When
    readOnly("on");
    Eventually.eventually("new work is refused", LIMIT, () -> !log.available());
    readOnly("off");

    // Then
    Eventually.eventually("the log is back", LIMIT, log::available);
    awaitMore();
    stopWriters();
    RunningLog.await(log.close());
    assertStoredOnce("read-only-");
    assertIntact();
  }

  private static void readOnly(String value) {
    RunningLog.await(
        LOG.database()
            .pool()
            .query("alter system set default_transaction_read_only = " + value)
            .execute()
            .compose(set -> LOG.database().pool().query("select pg_reload_conf()").execute()));
  }

  @Test
  void twoServersWriteOneChainEach() throws Exception {
    // Given
    AuditLog first = LOG.open("first");
    AuditLog second = LOG.open("second");

    // When
    startWriters(first, "two-a-");
    startWriters(second, "two-b-");
    awaitMore();
    stopWriters();
    RunningLog.await(first.close());
    RunningLog.await(second.close());

    // Then
    assertTrue(first.chain() != second.chain());
    assertStoredOnce("two-");
    assertIntact();
  }
}
