package dev.gatehouse.approval;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.approval.Approval.State;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.config.Configuration;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What becomes of one version of a question by what a person says to it. */
final class Answering {
  private final ApprovalRows rows;
  private final Configuration.Approval settings;

  Answering(ApprovalRows rows, Configuration.Approval settings) {
    this.rows = rows;
    this.settings = settings;
  }

  /** Refuses who approves too often: he reads too little. To deny is always allowed. */
  Future<Void> withinBudget(Actor by, boolean approves) {
    if (!approves) {
      return Future.succeededFuture();
    }
    return rows.approvalsWithinTheHour(by.tenant(), by.holder())
        .compose(count ->
            count < settings.approvalsPerHour()
                ? Future.succeededFuture()
                : Future.failedFuture(
                    new RefusedException(
                        Why.OVER_BUDGET,
                        by.holder() + " approved " + count + " actions within the hour")));
  }

  /** Takes an answer; nothing where the question was moved since. */
  Future<Optional<Moved>> answer(Approval question, Actor by, Said said) {
    Moves.heard(question, by);
    Moves.seen(question, said);
    return answered(question, by, said, isFast(question), new JsonObject());
  }

  /** Takes the approval of an edited action; nothing where the question was moved since. */
  Future<Optional<Moved>> edit(Approval question, Actor by, Approvals.Edited edited, Said said) {
    Moves.heard(question, by);
    if (said.digest() != null) {
      Moves.seen(question, said);
    }
    Edit edit = new Edit(edited.arguments(), edited.digest(), by.holder(), Instant.now());
    ApprovalTerms terms = edited.terms();
    Approval became =
        question.edited(
            edit,
            question.risk().max(edited.risk()),
            terms == null ? question.terms() : question.terms().and(terms));
    JsonObject detail = new JsonObject().put("edited", edited.digest());
    return answered(became, by, said, isFast(question), detail);
  }

  private Future<Optional<Moved>> answered(
      Approval question, Actor by, Said said, boolean fast, JsonObject detail) {
    Moves.proved(question, said);
    Answer answer =
        new Answer(
            by.holder(),
            by.name(),
            said.approves(),
            said.reason(),
            Moves.lists(question.terms(), by),
            said.channel(),
            said.address(),
            fast,
            Instant.now());
    State state = Moves.answered(question, by, answer);
    List<Answer> answers = new ArrayList<>(question.answers());
    answers.add(answer);
    return rows.move(
        question,
        state,
        question.claimedBy(),
        answers,
        state == State.APPROVED ? (long) settings.useMillis() : null,
        null,
        "decided",
        by.holder(),
        AnswersJson.of(answer).mergeIn(detail));
  }

  /** Whether nobody can have read by now what would run. */
  private static boolean isFast(Approval question) {
    Edit edit = question.edit();
    Instant since = edit == null ? question.createdAt() : edit.at();
    String arguments = edit == null ? question.arguments() : edit.arguments();
    return Duration.between(since, Instant.now()).toMillis() < Moves.readingMillis(arguments);
  }
}
