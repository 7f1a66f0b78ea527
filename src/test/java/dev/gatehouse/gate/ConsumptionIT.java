package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.AGENT;
import static dev.gatehouse.gate.ApprovalServers.action;
import static dev.gatehouse.gate.ApprovalServers.await;
import static dev.gatehouse.gate.ApprovalServers.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gatehouse.Eventually;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approval.State;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RightGoneException;
import dev.gatehouse.approval.Said;
import dev.gatehouse.audit.AuditUnavailableException;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The use of a right and the record of what begins by it: one transaction. */
@SuppressWarnings("NullAway.Init")
class ConsumptionIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static ApprovalServers servers;

  @BeforeAll
  static void start() throws Exception {
    servers = new ApprovalServers(1, Map.of("GATEHOUSE_AUDIT_COMMIT_TIMEOUT_MILLIS", "20000"));
  }

  @AfterAll
  static void stop() throws Exception {
    servers.close();
  }

  private static Consent approved(String code) {
    Approval question = servers.ask(code, within(600_000));
    Approval approved =
        await(servers.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "here")))
            .approval();
    return new Consent(approved, approved.runs());
  }

  private static State state(Consent consent) {
    return await(servers.questions(0).find(AGENT, consent.approval().id())).state();
  }

  @Test
  void isUsedInTheTransactionThatRecordsWhatBegins() {
    // Given
    Consent consent = approved("together");

    // When
    await(servers.begin(0, action("together"), consent));

    // Then
    Row row =
        servers
            .query(
                "select (select xmin::text from approval where id = '"
                    + consent.approval().id()
                    + "') as used, (select max(xmin::text::bigint)::text from audit_event where"
                    + " kind = 'decision') as begun")
            .getFirst();
    assertEquals(State.CONSUMED, state(consent));
    assertEquals(row.getString("begun"), row.getString("used"));
  }

  @Test
  void ofManyUsesInOneCommitOneIsDoneAndTheOthersSayWhatItIsByThen() {
    // Given
    Consent consent = approved("many");
    Consent other = approved("other");

    // When
    List<Future<Void>> uses =
        IntStream.range(0, 40).mapToObj(i -> servers.begin(0, action("many"), consent)).toList();
    Future<Void> ofOther = servers.begin(0, action("other"), other);
    uses.forEach(use -> await(use.otherwiseEmpty()));

    // Then
    await(ofOther);
    assertEquals(1, uses.stream().filter(Future::succeeded).count());
    uses.stream()
        .filter(Future::failed)
        .forEach(use ->
            assertEquals(
                State.CONSUMED,
                assertInstanceOf(RightGoneException.class, use.cause()).approval().state()));
  }

  @Test
  void anotherActionIsRefusedBeforeAnythingBegins() {
    // Given
    Consent consent = approved("this");
    Consent wrong = new Consent(consent.approval(), "another digest");

    // When
    RefusedException refused =
        assertThrows(RefusedException.class, () -> await(servers.begin(0, action("that"), wrong)));

    // Then
    assertEquals(RefusedException.Why.MISMATCH, refused.why());
    assertEquals(State.APPROVED, state(consent));
  }

  @Test
  void whereTheTransactionIsLostTheRightIsNot() throws Exception {
    // Given: a writer that cannot commit
    Consent consent = approved("lost");
    SqlConnection locker = servers.connection();
    await(locker.query("begin; lock table audit_event in exclusive mode").execute());
    Future<Void> begun = servers.begin(0, action("lost"), consent);
    String blocked =
        "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like"
            + " '%audit_event%'";
    Eventually.eventually("the writer waits", LIMIT, () -> !servers.query(blocked).isEmpty());

    // When
    servers.query("select pg_terminate_backend(pid) from (" + blocked + ") as b");

    // Then
    assertThrows(AuditUnavailableException.class, () -> await(begun));
    await(locker.query("rollback").execute());
    await(locker.close());
    assertEquals(State.APPROVED, state(consent));
    Eventually.eventually(
        "the store is back",
        LIMIT,
        () -> await(servers.begin(0, action("lost"), consent).map(true).otherwise(false)));
    assertEquals(State.CONSUMED, state(consent));
  }

  @Test
  void whoWasToldThatItTookTooLongWhileItWaitedHasHisRight() {
    // Given: a writer that cannot commit, and a right that waits behind what it tries to
    try (ApprovalServers slow =
        new ApprovalServers(1, Map.of("GATEHOUSE_AUDIT_COMMIT_TIMEOUT_MILLIS", "5000"))) {
      Approval question = slow.ask("waits", within(600_000));
      Approval approved =
          await(slow.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "here")))
              .approval();
      Consent consent = new Consent(approved, approved.runs());
      SqlConnection locker = slow.connection();
      await(locker.query("begin; lock table audit_event in exclusive mode").execute());
      Future<Void> before = slow.begin(0, action("before"), null);

      // When
      Future<Void> begun = slow.begin(0, action("waits"), consent);
      assertThrows(AuditUnavailableException.class, () -> await(begun));
      await(before.otherwiseEmpty());
      await(locker.query("rollback").execute());
      await(locker.close());
      Eventually.eventually(
          "the store is back",
          LIMIT,
          () -> await(slow.begin(0, action("after"), null).map(true).otherwise(false)));

      // Then
      assertEquals(State.APPROVED, await(slow.questions(0).find(AGENT, question.id())).state());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
