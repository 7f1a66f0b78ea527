package dev.gatehouse.approval;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.approval.Approval.State;
import dev.gatehouse.config.ApprovalSettings;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What becomes of one version of a question by what a person says to it. */
final class Answering {
  private final ApprovalSettings settings;
  private final Looks looks;

  Answering(ApprovalSettings settings, Looks looks) {
    this.settings = settings;
    this.looks = looks;
  }

  /** What an answer moves; throws why it may not be given. */
  Move answer(Approval question, Actor by, Said said) {
    Moves.heard(question, by);
    Moves.seen(question, said);
    Moves.effect(question, said);
    return answered(question, by, said, said.approves() && isFast(question, by, said), bound(said));
  }

  /** What the approval of an edited action moves; throws why it may not be given. */
  Move edit(Approval question, Actor by, Approvals.Edited edited, Said said) {
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
    return answered(became, by, said, isFast(question, by, said), detail);
  }

  private Move answered(Approval question, Actor by, Said said, boolean fast, JsonObject detail) {
    Moves.proved(question, said);
    Answer answer =
        new Answer(
            by.holder(),
            by.name(),
            said.approves(),
            said.reason(),
            Moves.lists(question.terms(), by),
            said.from().channel(),
            said.from().address(),
            fast,
            Instant.now());
    State state = Moves.answered(question, by, answer);
    List<Answer> answers = new ArrayList<>(question.answers());
    answers.add(answer);
    return new Move(
        question,
        state,
        question.claimedBy(),
        answers,
        state == State.APPROVED ? (long) settings.useMillis() : null,
        null,
        "decided",
        by.holder(),
        AnswersJson.of(answer).mergeIn(detail),
        // Who answers too much reads too little; to deny is always allowed.
        said.approves() ? settings.questionsPerHour() : null);
  }

  /** What the answer is bound to besides the action. */
  private static JsonObject bound(Said said) {
    return said.approves() && said.effect() != null
        ? new JsonObject().put("effect", said.effect())
        : new JsonObject();
  }

  /**
   * Whether a person cannot have read by now what would run. Who was not shown it here and names
   * its digest was shown it elsewhere, at once for all that is known.
   */
  private boolean isFast(Approval question, Actor by, Said said) {
    Edit edit = question.edit();
    Instant since = edit == null ? question.createdAt() : edit.at();
    Instant look = looks.first(question, by);
    if (look == null && said.digest() == null) {
      return true;
    }
    if (look != null && look.isAfter(since)) {
      since = look;
    }
    String arguments = edit == null ? question.arguments() : edit.arguments();
    return Duration.between(since, Instant.now()).toMillis() < Moves.readingMillis(arguments);
  }
}
