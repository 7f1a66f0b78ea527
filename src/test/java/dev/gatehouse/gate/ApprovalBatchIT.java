package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.AGENT;
import static dev.gatehouse.gate.ApprovalServers.BEN;
import static dev.gatehouse.gate.ApprovalServers.CID;
import static dev.gatehouse.gate.ApprovalServers.HERE;
import static dev.gatehouse.gate.ApprovalServers.await;
import static dev.gatehouse.gate.ApprovalServers.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.Said;
import dev.gatehouse.approval.TooManyPendingException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What goes to the database together is as if each went alone. */
@SuppressWarnings("NullAway.Init")
class ApprovalBatchIT {
  private static final int BUDGET = 5;
  private static final int AT_ONCE = 50;
  private static final Said DENIES = Said.byHttp(false, "no", "here");
  private static final int OF_AGENT = 60;
  private static ApprovalServers servers;

  @BeforeAll
  static void start() throws Exception {
    servers =
        new ApprovalServers(
            2,
            Map.of(
                "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "" + BUDGET,
                "GATEHOUSE_APPROVAL_PENDING_PER_AGENT", "" + OF_AGENT));
  }

  @AfterAll
  static void stop() throws Exception {
    servers.close();
  }

  private static List<Approval> ask(String what, int count) {
    List<Future<Approval>> asked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      asked.add(asking(0, what + " " + i));
    }
    return asked.stream().map(ApprovalServers::await).toList();
  }

  private static Future<Approval> asking(int server, String code) {
    return servers
        .questions(server)
        .ask(servers.nextId(), ApprovalServers.action(code), servers.verdict(within(60_000)));
  }

  private static void cancel(List<Approval> questions) {
    List<Future<Moved>> cancelled = new ArrayList<>();
    questions.forEach(one -> cancelled.add(servers.questions(0).cancel(AGENT, one.id(), HERE)));
    cancelled.forEach(one -> await(one.otherwiseEmpty()));
  }

  @Test
  void ofFiftyAnswersAtOnceAsManyApproveAsTheBudgetHas() {
    // Given
    List<Approval> questions = ask("budget", AT_ONCE);

    // When
    List<Future<Moved>> answers = new ArrayList<>();
    questions.forEach(one ->
        answers.add(servers.questions(0).answer(ADA, one.id(), Said.byHttp(true, null, "here"))));
    answers.forEach(answer -> await(answer.otherwiseEmpty()));

    // Then
    assertEquals(BUDGET, answers.stream().filter(Future::succeeded).count());
    for (Future<Moved> answer : answers) {
      if (answer.failed()) {
        assertEquals(
            RefusedException.Why.OVER_BUDGET,
            assertInstanceOf(RefusedException.class, answer.cause()).why());
      }
    }
    assertEquals(
        BUDGET,
        servers.count(
            "select count(*) from approval_event where kind = 'decided' and by = 'ada' and state ="
                + " 'approved'"));
    assertOverBudgetEverywhereButFreeToDeny(questions);
    cancel(questions);
  }

  private static void assertOverBudgetEverywhereButFreeToDeny(List<Approval> questions) {
    Approval open =
        questions.stream()
            .map(one -> await(servers.questions(0).find(AGENT, one.id())))
            .filter(Approval::isOpen)
            .findFirst()
            .orElseThrow();
    Future<Moved> elsewhere =
        servers.questions(1).answer(ADA, open.id(), Said.byHttp(true, null, "there"));
    await(elsewhere.otherwiseEmpty());
    assertTrue(elsewhere.failed());
    assertEquals(
        Approval.State.DENIED,
        await(servers.questions(1).answer(ADA, open.id(), Said.byHttp(false, "no", "there")))
            .approval()
            .state());
  }

  @Test
  void whoDeniedTooManyMayOnlyDenyToo() {
    // Given
    List<Approval> questions = ask("denials", BUDGET + 2);
    for (int i = 0; i < BUDGET; i++) {
      await(servers.questions(i % 2).answer(CID, questions.get(i).id(), DENIES));
    }

    // When
    String id = questions.get(BUDGET).id();
    Future<Moved> approval = servers.questions(1).answer(CID, id, Said.byHttp(true, null, "c"));
    await(approval.otherwiseEmpty());

    // Then
    assertEquals(
        RefusedException.Why.OVER_BUDGET,
        assertInstanceOf(RefusedException.class, approval.cause()).why());
    assertEquals(
        Approval.State.DENIED,
        await(servers.questions(0).answer(CID, id, DENIES)).approval().state());
    cancel(questions);
  }

  @Test
  void anHourAfterTheBudgetWasUsedItIsThereAgain() {
    // Given
    List<Approval> questions = ask("later", 2 * BUDGET);
    for (int i = 0; i < BUDGET; i++) {
      await(servers.questions(0).answer(BEN, questions.get(i).id(), Said.byHttp(true, null, "b")));
    }
    String id = questions.get(BUDGET).id();
    Future<Moved> tooMany = servers.questions(0).answer(BEN, id, Said.byHttp(true, null, "b"));
    await(tooMany.otherwiseEmpty());
    assertTrue(tooMany.failed());

    // When
    servers.query("update approval_tally set minute = minute - 62 where person = 'ben'");

    // Then
    await(servers.questions(0).answer(BEN, id, Said.byHttp(true, null, "b")));
    cancel(questions);
  }

  @Test
  void ofManyWhoAskAtOnceAsManyAreHeardAsMayWait() {
    // When
    List<Future<Approval>> asked = new ArrayList<>();
    for (int i = 0; i < 2 * OF_AGENT; i++) {
      asked.add(asking(0, "crowd " + i));
    }
    asked.forEach(one -> await(one.otherwiseEmpty()));

    // Then
    assertEquals(OF_AGENT, asked.stream().filter(Future::succeeded).count());
    asked.stream()
        .filter(Future::failed)
        .forEach(one -> assertInstanceOf(TooManyPendingException.class, one.cause()));
    cancel(asked.stream().filter(Future::succeeded).map(Future::result).toList());
  }

  @Test
  void aValueThatTheDatabaseRefusesFailsNobodyElse() {
    // Given
    List<Approval> questions = ask("poison", 8);

    // When
    List<Future<Moved>> answers = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      Said said = Said.byHttp(false, i % 2 == 0 ? "no" : "\0", "here");
      answers.add(servers.questions(0).answer(ADA, questions.get(i).id(), said));
    }
    answers.forEach(answer -> await(answer.otherwiseEmpty()));

    // Then
    for (int i = 0; i < answers.size(); i++) {
      assertEquals(i % 2 == 0, answers.get(i).succeeded(), String.valueOf(answers.get(i).cause()));
    }
    cancel(questions);
  }

  @Test
  void aRowOfManyHasItsOwnValuesAndNotThoseOfAll() {
    // Given
    List<Approval> questions = ask("no room", AT_ONCE);
    List<String> settings = List.of("work_mem", "temp_file_limit");
    servers.query("alter system set work_mem = '256kB'");
    servers.query("alter system set temp_file_limit = 0");
    servers.query("select pg_reload_conf()");

    // When
    List<Future<Moved>> answers = new ArrayList<>();
    questions.forEach(one ->
        answers.add(servers.questions(0).answer(ADA, one.id(), Said.byHttp(false, "no", "here"))));
    answers.forEach(answer -> await(answer.otherwiseEmpty()));

    // Then
    settings.forEach(name -> servers.query("alter system reset " + name));
    servers.query("select pg_reload_conf()");
    answers.forEach(answer -> assertTrue(answer.succeeded(), String.valueOf(answer.cause())));
  }

  @Test
  void serversThatMoveTheSameQuestionsTheOtherWayRoundWaitInNoCircle() {
    for (int round = 0; round < 20; round++) {
      // Given
      List<Approval> questions = ask("round " + round, AT_ONCE);
      List<Approval> reversed = new ArrayList<>(questions);
      Collections.reverse(reversed);

      // When
      List<Future<Moved>> moves = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        Said no = Said.byHttp(false, "no", "here");
        moves.add(servers.questions(0).answer(ADA, questions.get(i).id(), no));
        moves.add(servers.questions(1).answer(BEN, reversed.get(i).id(), no));
      }
      moves.forEach(move -> await(move.otherwiseEmpty()));

      // Then
      assertEquals(AT_ONCE, moves.stream().filter(Future::succeeded).count());
      for (Future<Moved> move : moves) {
        if (move.failed()) {
          assertInstanceOf(RefusedException.class, move.cause());
        }
      }
    }
  }
}
