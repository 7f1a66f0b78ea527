package dev.gatehouse.audit;

import static dev.gatehouse.audit.RunningLog.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.gatehouse.Eventually;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Batches that are sent while the commit of those before them is not known. */
class PipelineIT {
  @RegisterExtension static final RunningLog LOG = new RunningLog();

  /**
   * Before the schema is changed under a writer: he locks the table and then a day of it, and the
   * end of a trigger the other way round.
   */
  private static final String LOCK = "lock table audit_event in access exclusive mode;";

  /** Two full batches and a part of a third, whatever is gathered first. */
  private static final int EVENTS = 2 * 1024 + 100;

  private AuditLog log;
  private List<Future<Void>> appended;

  @BeforeEach
  void aLogWhoseFirstBatchIsRefused() {
    log = LOG.open("node");
    // A sequence is not rolled back: it counts the refusals.
    LOG.tamper(
        LOCK
            + """
            create sequence refused;
            create function refuse() returns trigger language plpgsql as $$
            begin
              perform nextval('refused');
              raise exception 'refused';
            end $$;
            create trigger refuse before insert on audit_event for each row
              when (new.action = 'refused') execute function refuse();
            """);
    appended = new ArrayList<>();
    appended.add(log.after(List.of(Events.decision("refused", "{}"))));
    for (int i = 1; i < EVENTS; i++) {
      appended.add(log.after(List.of(Events.decision("behind", "{}"))));
    }
  }

  @AfterEach
  void close() {
    LOG.tamper(LOCK + "drop function if exists refuse() cascade; drop sequence refused");
    await(log.close());
  }

  @Test
  void nothingIsWrittenBehindABatchThatWasNot() {
    // When
    Eventually.eventually(
        "refused three times",
        Duration.ofSeconds(30),
        () -> Long.parseLong(LOG.show("select last_value from refused")) >= 3);

    // Then
    assertEquals("0", rows());
    appended.forEach(one -> assertFalse(one.succeeded()));
  }

  @Test
  void allIsWrittenOnceAndInOrderWhenTheFirstIsTaken() {
    // When
    LOG.tamper(LOCK + "drop function refuse() cascade");
    await(Future.all(appended));

    // Then
    assertEquals(Integer.toString(EVENTS), rows());
    assertEquals(
        "refused",
        LOG.show("select action from audit_event where sequence = 1 and chain = " + log.chain()));
  }

  private String rows() {
    return LOG.show("select count(*) from audit_event where chain = " + log.chain());
  }
}
