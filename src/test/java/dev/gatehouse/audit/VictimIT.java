package dev.gatehouse.audit;

import static dev.gatehouse.audit.RunningLog.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What PostgreSQL ends for reasons of its own is written nevertheless, and once. */
class VictimIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  private static final int EVENTS = 200;
  private static final String WAITING =
      "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like"
          + " 'insert into audit_event%'";

  private AuditLog log;
  private PgConnection operator;
  private String day;

  @BeforeEach
  void aWriterAndAnOperator() {
    log = LOG.open("node");
    operator = await(LOG.database().connect());
    await(log.after(List.of(Events.decision("first", "{}"))));
    day = LOG.show("select tableoid::regclass from audit_event where chain = " + log.chain());
  }

  @AfterEach
  void close() {
    await(operator.close());
    await(log.close());
  }

  @Test
  void theVictimOfADeadlockIsWrittenOnce() {
    // Given
    sql("set deadlock_timeout = '1min'");
    sql("begin; lock table " + day + " in access exclusive mode");
    List<Future<Void>> appended = append();
    awaitWaiting();

    // When: granted only if the writer gives up what it holds
    sql("lock table audit_event in access exclusive mode");

    // Then
    sql("rollback");
    assertWrittenOnce(appended);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pg_terminate_backend", "pg_cancel_backend"})
  void whatAnOperatorEndsIsWrittenOnce(String end) {
    // Given
    sql("begin; lock table audit_event in access exclusive mode");
    List<Future<Void>> appended = append();
    awaitWaiting();

    // When
    assertTrue(sql("select bool_and(" + end + "(pid)) from (" + WAITING + ") as w"));

    // Then
    sql("rollback");
    assertWrittenOnce(appended);
  }

  private List<Future<Void>> append() {
    List<Future<Void>> appended = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      appended.add(log.after(List.of(Events.decision("more", "{}"))));
    }
    return appended;
  }

  private void awaitWaiting() {
    Eventually.eventually(
        "the writer waits for a lock",
        Duration.ofSeconds(30),
        () -> LOG.show("select count(*) from (" + WAITING + ") as w").equals("1"));
  }

  private void assertWrittenOnce(List<Future<Void>> appended) {
    await(Future.all(appended));
    assertEquals(
        (EVENTS + 1) + " " + (EVENTS + 1),
        LOG.show(
            "select count(*) || ' ' || max(sequence) from audit_event where chain = "
                + log.chain()));
  }

  /** Whether the first column of the first row is true. */
  private boolean sql(String sql) {
    var rows = await(operator.query(sql).execute());
    return rows.size() == 1 && rows.iterator().next().getBoolean(0);
  }
}
