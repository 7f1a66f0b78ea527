package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.AGENT;
import static dev.gatehouse.gate.ApprovalServers.BEN;
import static dev.gatehouse.gate.ApprovalServers.CID;
import static dev.gatehouse.gate.ApprovalServers.HERE;
import static dev.gatehouse.gate.ApprovalServers.await;
import static dev.gatehouse.gate.ApprovalServers.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.Eventually;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Hours;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Codes;
import dev.gatehouse.approval.Memory;
import dev.gatehouse.approval.Messages;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.Said;
import dev.gatehouse.approval.TooManyPendingException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two servers on one database, and everybody answers at once. */
@SuppressWarnings("NullAway.Init")
class ApprovalRacesIT {
  private static final int ROUNDS = 1000;
  private static final String LONG_AGO =
      "update approval_message set taken_at = taken_at - interval '31 s'";
  private static final Future<Void> NEVER_GONE = Promise.<Void>promise().future();
  private static ApprovalServers servers;

  @BeforeAll
  static void start() throws Exception {
    servers = new ApprovalServers(2, ApprovalRaces.SETTINGS);
  }

  @AfterAll
  static void stop() throws Exception {
    servers.close();
  }

  @Test
  void ofTwoApproversAnExpiryAndACancelExactlyOneWinsAndTheAuditLogAgrees() {
    String told = new ApprovalRaces(servers).run(ROUNDS);

    assertTrue(told.startsWith(ROUNDS + " races"), told);
  }

  @Test
  void ofManyWhoRunWhatWasApprovedExactlyOneDoes() {
    for (int round = 0; round < ROUNDS / 10; round++) {
      // Given
      String code = "consume " + round;
      Approval question = servers.ask(code, within(60_000));
      Approval approved =
          await(servers.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "here")))
              .approval();
      Consent consent =
          new Consent(
              approved, ActionDigest.of(ApprovalServers.action(code), ApprovalServers.POLICY));

      // When
      List<Future<Void>> runs = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        runs.add(servers.begin(i % 2, ApprovalServers.action(code), consent));
      }
      runs.forEach(run -> await(run.otherwiseEmpty()));

      // Then
      assertEquals(1, runs.stream().filter(Future::succeeded).count());
    }
  }

  @Test
  void aMessageWhoseServerEndedBeforeItStoredTheAnswerMayComeAgain() {
    // Given
    Messages first = servers.approvals(0).messages();
    Messages second = servers.approvals(1).messages();
    assertTrue(await(first.take("pager", "lost")));
    assertFalse(await(second.take("pager", "lost")), "it may be on its way");

    // When
    servers.query(LONG_AGO);

    // Then
    assertTrue(await(second.take("pager", "lost")));
    assertFalse(await(first.take("pager", "lost")), "it is on its way again");
    await(second.settle("pager", "lost"));
    servers.query(LONG_AGO);
    assertFalse(await(first.take("pager", "lost")), "its answer is stored");
  }

  @Test
  void whatIsRememberedIsUsedAsOftenAsItMayWhoeverTries() {
    // Given
    Approval question = servers.ask("remember", within(60_000));
    Memory memory = memory(question, question.id(), null);
    await(servers.approvals(0).memories().keep(memory, 60));

    // When
    List<Future<Optional<Memory>>> uses = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      uses.add(servers.approvals(i % 2).memories().use(memory.id()));
    }

    // Then
    assertEquals(3, uses.stream().filter(use -> await(use).isPresent()).count());
    await(servers.questions(0).cancel(AGENT, question.id(), HERE));
  }

  @Test
  void whatIsRememberedForManyOtherSessionsHidesNoneOfThisOne() {
    // Given
    Approval question = servers.ask("sessions", within(60_000));
    for (int i = 0; i < 25; i++) {
      await(
          servers
              .approvals(0)
              .memories()
              .keep(memory(question, question.id() + i, "other-" + i), 60));
    }
    await(servers.approvals(0).memories().keep(memory(question, question.id() + "z", "s"), 60));

    // When
    List<Memory> found =
        await(
            servers
                .approvals(0)
                .memories()
                .find(question.tenant(), question.same(), question.policy(), "s"));

    // Then
    assertEquals(List.of("s"), found.stream().map(Memory::session).toList());
    await(servers.questions(0).cancel(AGENT, question.id(), HERE));
  }

  private static Memory memory(Approval question, String id, @Nullable String session) {
    return new Memory(
        id,
        question.tenant(),
        question.same(),
        session,
        question.actor(),
        question.tool(),
        question.risk(),
        question.policy(),
        question.terms(),
        "{}",
        question.id(),
        "ada",
        null,
        3,
        0,
        question.createdAt(),
        question.expiresAt());
  }

  @Test
  void aMessageAndACodeAreTakenOnceWhoeverTries() {
    // When
    List<Future<Boolean>> messages = new ArrayList<>();
    List<Future<Boolean>> codes = new ArrayList<>();
    await(servers.approvals(0).codes().mayTry("t", "ada"));
    for (int i = 0; i < 20; i++) {
      messages.add(servers.approvals(i % 2).messages().take("pager", "message"));
      codes.add(servers.approvals(i % 2).codes().take("t", "ada", 7));
    }

    // Then
    assertEquals(1, messages.stream().filter(ApprovalServers::await).count());
    assertEquals(1, codes.stream().filter(ApprovalServers::await).count());
    assertEquals(false, await(servers.approvals(0).codes().take("t", "ada", 6)));
  }

  @Test
  void whoGuessesCodesOnSeveralServersAtOnceHasNoMoreTries() {
    // When
    List<Future<Boolean>> tries = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      tries.add(servers.approvals(i % 2).codes().mayTry("t", "guesser"));
    }

    // Then
    assertEquals(Codes.MAX_TRIES, tries.stream().filter(ApprovalServers::await).count());
  }

  @Test
  void ofManyPreviewsAtOnceOneBeginsAndOneWhoseServerDiedIsNotWaitedForLong() {
    // Given
    Approval question = servers.ask("preview", within(60_000));

    // When
    List<Future<Integer>> begun = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      begun.add(servers.approvals(i % 2).beginPreview(question, 3, 60_000));
    }
    begun.forEach(one -> await(one.otherwiseEmpty()));

    // Then
    assertEquals(1, begun.stream().filter(Future::succeeded).count());
    await(servers.approvals(0).giveBackPreview(question, 1));
    assertEquals(1, await(servers.approvals(1).beginPreview(question, 3, 1)));
    Eventually.eventually(
        "the next may begin",
        Duration.ofSeconds(30),
        () -> await(servers.approvals(0).beginPreview(question, 3, 60_000).otherwise(0)) == 2);
    await(servers.approvals(0).endPreview(question, 2));
    assertEquals(3, await(servers.approvals(1).beginPreview(question, 3, 1)));
    RefusedException last =
        assertThrows(
            RefusedException.class,
            () -> {
              await(servers.approvals(0).endPreview(question, 3));
              await(servers.approvals(0).beginPreview(question, 3, 1));
            });
    assertEquals(RefusedException.Why.PREVIEWS_EXHAUSTED, last.why());
    await(servers.questions(0).cancel(AGENT, question.id(), HERE));
    assertThrows(
        RefusedException.class, () -> await(servers.approvals(0).beginPreview(question, 9, 1)));
  }

  @Test
  void anAnswerOnOneServerReleasesWhoWaitsOnTheOther() {
    // Given
    Approval question = servers.ask("elsewhere", within(60_000));
    Future<Approval> waiting = servers.approvals(1).await(question, 30_000, NEVER_GONE);

    // When
    await(servers.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "here")));

    // Then
    assertEquals(Approval.State.APPROVED, await(waiting).state());
  }

  @Test
  void whoWaitsIsReleasedWithoutAHintToo() {
    // Given
    Approval question = servers.ask("no hint", within(60_000));
    Future<Approval> waiting = servers.approvals(1).await(question, 30_000, NEVER_GONE);

    // When
    servers.query(
        "update approval set state = 'denied', version = version + 1 where id = '"
            + question.id()
            + "'");

    // Then
    assertEquals(Approval.State.DENIED, await(waiting).state());
  }

  @Test
  void identicalActionsThatWaitAreOneQuestionHoweverManyAskAtOnce() {
    // When
    List<Future<Approval>> asked = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      asked.add(
          servers
              .questions(i % 2)
              .ask(
                  servers.nextId(),
                  ApprovalServers.action("the same"),
                  servers.verdict(within(60_000))));
    }
    Set<String> ids = new HashSet<>();
    asked.forEach(one -> ids.add(await(one).id()));

    // Then
    assertEquals(1, ids.size());
    String id = ids.iterator().next();
    assertEquals(10, await(servers.questions(0).find(AGENT, id)).asked());
    await(servers.questions(0).cancel(AGENT, id, HERE));
  }

  @Test
  void aQuestionIsCancelledWithTheLastWhoWaitsForIt() {
    // Given
    Approval question = servers.ask("leave", within(60_000));
    servers.ask("leave", within(60_000));

    // When, then
    assertTrue(await(servers.approvals(0).leave(question)).isEmpty());
    assertTrue(await(servers.questions(0).find(AGENT, question.id())).isOpen());
    assertTrue(await(servers.approvals(1).leave(question)).isPresent());
    assertEquals(
        Approval.State.CANCELLED, await(servers.questions(0).find(AGENT, question.id())).state());
  }

  @Test
  void whoLeavesWhileAnotherJoinsIsCountedOnce() {
    for (int round = 0; round < ROUNDS / 10; round++) {
      // Given
      String code = "join and leave " + round;
      Approval question = servers.ask(code, within(60_000));

      // When
      Future<Optional<Moved>> left = servers.approvals(0).leave(question);
      Future<Approval> joined =
          servers
              .questions(1)
              .ask(servers.nextId(), ApprovalServers.action(code), servers.verdict(within(60_000)));
      boolean cancelled = await(left).isPresent();
      Approval waits = await(joined);

      // Then: who joined has a question that is open, and is the last who waits for it.
      assertEquals(cancelled, !waits.id().equals(question.id()));
      assertTrue(await(servers.questions(0).find(AGENT, waits.id())).isOpen());
      assertTrue(await(servers.approvals(1).leave(waits)).isPresent());
    }
  }

  @Test
  void whoLeavesWhenItIsApprovedAlreadyLeavesTheRightToTheOthers() {
    // Given
    Approval question = servers.ask("leave approved", within(60_000));
    servers.ask("leave approved", within(60_000));
    await(servers.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "here")));

    // When, then
    assertTrue(await(servers.approvals(0).leave(question)).isEmpty());
    Approval approved = await(servers.questions(0).find(AGENT, question.id()));
    assertEquals(Approval.State.APPROVED, approved.state());
    assertEquals(1, approved.asked());
    assertTrue(await(servers.approvals(1).leave(question)).isPresent());
  }

  @Test
  void oneAgentCannotHaveMorePendingThanItsShare() {
    // Given
    List<Approval> pending = new ArrayList<>();

    // When
    RuntimeException refused =
        assertThrows(
            TooManyPendingException.class,
            () -> {
              for (int i = 0; i < 40; i++) {
                pending.add(servers.ask("many " + i, within(60_000)));
              }
            });

    // Then
    assertTrue(String.valueOf(refused.getMessage()).contains("20 of one agent"));
    pending.forEach(one -> await(servers.questions(0).cancel(AGENT, one.id(), HERE)));
    assertTrue(servers.ask("again", within(1000)).isOpen());
  }

  @Test
  void eachListOfTheTermsNeedsItsOwnDistinctPersons() {
    // Given
    ApprovalTerms terms =
        new ApprovalTerms(List.of(List.of("group:sre"), List.of("group:dba")), 1, 60_000, false);
    Approval question = servers.ask("two lists", terms);

    // When
    Approval half =
        await(servers.questions(0).answer(ADA, question.id(), Said.byHttp(true, null, "here")))
            .approval();

    // Then
    assertTrue(half.isOpen());
    RefusedException again =
        assertThrows(
            RefusedException.class,
            () ->
                await(
                    servers
                        .questions(1)
                        .answer(ADA, question.id(), Said.byHttp(true, null, "here"))));
    assertEquals(RefusedException.Why.ANSWERED, again.why());
    assertEquals(
        Approval.State.APPROVED,
        await(servers.questions(1).answer(CID, question.id(), Said.byHttp(true, null, "here")))
            .approval()
            .state());
  }

  @Test
  void whereOneRuleWantsTwoAndAnotherWantsAdaSheAndAnyOtherAreEnough() {
    // Given
    ApprovalTerms terms =
        new ApprovalTerms(List.of(), 2, 60_000, false)
            .and(new ApprovalTerms(List.of(List.of("ada")), 1, 60_000, false));
    Approval with = servers.ask("ada and another", terms);
    Approval without = servers.ask("two others", terms);

    // When, then
    assertEquals(Approval.State.PENDING, approved(CID, with));
    assertEquals(Approval.State.APPROVED, approved(ADA, with));
    assertEquals(Approval.State.PENDING, approved(CID, without));
    assertEquals(Approval.State.PENDING, approved(BEN, without));
  }

  private static Approval.State approved(Actor by, Approval question) {
    return await(servers.questions(0).answer(by, question.id(), Said.byHttp(true, null, "here")))
        .approval()
        .state();
  }

  @Test
  void whereNobodyAnswersInTimeTheNextAreAskedAndOnlyThey() {
    // Given
    ApprovalTerms terms =
        new ApprovalTerms(
            List.of(List.of("group:sre")), 2, 5000, false, List.of(List.of("group:dba")));
    ApprovalTerms one =
        new ApprovalTerms(List.of(List.of("group:sre")), 1, 5000, false, terms.escalation());
    Approval two = servers.ask("escalate two", terms);
    await(servers.questions(0).answer(ADA, two.id(), Said.byHttp(true, null, "here")));
    Approval question = servers.ask("escalate", one);

    // When
    Eventually.eventually(
        "others are asked",
        Duration.ofSeconds(20),
        () ->
            await(servers.questions(0).find(AGENT, question.id())).terms().escalation().isEmpty());

    // Then
    RefusedException late =
        assertThrows(
            RefusedException.class,
            () ->
                await(
                    servers
                        .questions(0)
                        .answer(BEN, question.id(), Said.byHttp(true, null, "here"))));
    assertEquals(RefusedException.Why.NOT_ASKED, late.why());
    assertEquals(
        Approval.State.APPROVED,
        await(servers.questions(1).answer(CID, question.id(), Said.byHttp(true, null, "here")))
            .approval()
            .state());
    // A quorum begins anew, and in the end nobody is left.
    Eventually.eventually(
        "nobody is left",
        Duration.ofSeconds(20),
        () -> await(servers.questions(0).find(AGENT, two.id())).state() == Approval.State.EXPIRED);
    assertTrue(await(servers.questions(0).find(AGENT, two.id())).answers().isEmpty());
    Eventually.eventually(
        "it is recorded", Duration.ofSeconds(30), () -> recorded(two, "approval.escalated") == 1);
  }

  @Test
  void eachOfTheEscalationIsAskedInItsTurn() {
    // Given
    ApprovalTerms terms =
        new ApprovalTerms(
            List.of(List.of("group:sre")),
            1,
            60_000,
            false,
            List.of(List.of("group:dba"), List.of("ben")));
    Approval question = servers.ask("escalate twice", terms);

    // When
    for (List<String> next : terms.escalation()) {
      servers.query(
          "update approval set expires_at = clock_timestamp() where id = '" + question.id() + "'");
      Eventually.eventually(
          next + " are asked",
          Duration.ofSeconds(30),
          () ->
              await(servers.questions(0).find(AGENT, question.id()))
                  .terms()
                  .approvers()
                  .equals(List.of(next)));
    }

    // Then
    assertThrows(
        RefusedException.class,
        () ->
            await(
                servers.questions(0).answer(CID, question.id(), Said.byHttp(true, null, "here"))));
    assertEquals(
        Approval.State.APPROVED,
        await(servers.questions(1).answer(BEN, question.id(), Said.byHttp(true, null, "here")))
            .approval()
            .state());
    Eventually.eventually(
        "both are recorded",
        Duration.ofSeconds(30),
        () -> recorded(question, "approval.escalated") == 2);
  }

  @Test
  void offDutyTheNextAreAskedAtOnceAndWithNobodyLeftItIsRefused() {
    // Given
    LocalTime now = LocalTime.now(ZoneOffset.UTC);
    Hours later = new Hours(now.plusHours(2), now.plusHours(3), Set.of(), ZoneOffset.UTC);
    Hours around = new Hours(now.minusHours(1), now.plusHours(1), Set.of(), ZoneOffset.UTC);
    List<List<String>> sre = List.of(List.of("group:sre"));
    List<List<String>> dba = List.of(List.of("group:dba"));

    // When
    Approval onDuty =
        servers.ask("on duty", new ApprovalTerms(sre, 1, 60_000, false, dba, 0, List.of(around)));
    Approval offDuty =
        servers.ask(
            "off duty", new ApprovalTerms(sre, 1, 60_000, false, dba, 0, List.of(around, later)));
    RefusedException nobody =
        assertThrows(
            RefusedException.class,
            () ->
                servers.ask(
                    "nobody",
                    new ApprovalTerms(sre, 1, 60_000, false, List.of(), 0, List.of(later))));

    // Then
    assertEquals(sre, onDuty.terms().approvers());
    assertEquals(dba, offDuty.terms().approvers());
    assertEquals(RefusedException.Why.OFF_DUTY, nobody.why());
    RefusedException other =
        assertThrows(
            RefusedException.class,
            () ->
                await(
                    servers
                        .questions(0)
                        .answer(ADA, offDuty.id(), Said.byHttp(true, null, "here"))));
    assertEquals(RefusedException.Why.NOT_ASKED, other.why());
    await(servers.questions(0).answer(CID, offDuty.id(), Said.byHttp(true, null, "here")));
    await(servers.questions(0).answer(ADA, onDuty.id(), Said.byHttp(false, null, "here")));
  }

  @Test
  void whoIsAskedIsRemindedAgainAndAgainUntilItIsAnswered() {
    // Given
    ApprovalTerms terms = new ApprovalTerms(List.of(), 1, 60_000, false, List.of(), 100, List.of());
    Approval answered = servers.ask("remind answered", terms);
    Approval open = servers.ask("remind open", terms);
    awaitReminders(answered, 2);

    // When
    await(servers.questions(0).answer(ADA, answered.id(), Said.byHttp(true, null, "here")));

    // Then
    long told = reminders(answered);
    awaitReminders(open, reminders(open) + 2);
    assertEquals(told, reminders(answered));
    Approval still = await(servers.questions(1).find(AGENT, open.id()));
    assertEquals(0, still.version());
    await(servers.questions(0).cancel(AGENT, open.id(), HERE));
    Eventually.eventually(
        "reminders are recorded",
        Duration.ofSeconds(20),
        () -> recorded(open, "approval.reminded") == reminders(open));
  }

  private static void awaitReminders(Approval approval, long count) {
    Eventually.eventually(
        "somebody is reminded", Duration.ofSeconds(30), () -> reminders(approval) >= count);
  }

  private static long reminders(Approval approval) {
    return servers.count(
        "select count(*) from approval_event where kind = 'reminded' and approval = '"
            + approval.id()
            + "'");
  }

  @Test
  void whatADeadServerDidNotRecordAnotherOneRecordsOnce() {
    // Given: a move whose server died before the audit log had it, and one whose mark was lost.
    Approval lost = servers.ask("lost", within(60_000));
    await(servers.approvals(0).claim(ADA, lost.id(), HERE));
    Approval unmarked = servers.ask("unmarked", within(60_000));
    Eventually.eventually(
        "the question is marked",
        Duration.ofSeconds(30),
        () ->
            servers.count(
                    "select count(*) from approval_event where recorded and approval = '"
                        + unmarked.id()
                        + "'")
                == 1);
    servers.query(
        "update approval_event set recorded = false, at = at - interval '1 minute' where approval"
            + " in ('"
            + lost.id()
            + "', '"
            + unmarked.id()
            + "')");

    // When
    Eventually.eventually(
        "both are recorded",
        Duration.ofSeconds(40),
        () ->
            servers.count(
                    "select count(*) from approval_event where not recorded and approval in ('"
                        + lost.id()
                        + "', '"
                        + unmarked.id()
                        + "')")
                == 0);

    // Then
    assertEquals(1, recorded(lost, "approval.claimed"));
    assertEquals(1, recorded(unmarked, "approval.requested"));
  }

  private static long recorded(Approval approval, String kind) {
    return servers.count(
        "select count(*) from audit_event where kind = '"
            + kind
            + "' and action = '"
            + approval.action()
            + "'");
  }
}
