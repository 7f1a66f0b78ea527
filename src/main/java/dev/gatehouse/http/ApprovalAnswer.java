package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.Said;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Edits;
import dev.gatehouse.gate.ExecutionArguments;
import dev.gatehouse.gate.Questions;
import dev.gatehouse.gate.Remembering;
import dev.gatehouse.gate.SecondFactor;
import dev.gatehouse.gate.Verdict;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What a person says to a question: approves or denies, with other arguments, or for later actions,
 * too. Read and taken in the same way over HTTP and WebSocket.
 */
final class ApprovalAnswer {
  private final Questions questions;
  private final SecondFactor factor;
  private final Edits edits;
  private final Remembering remembering;
  private final Configuration configuration;

  ApprovalAnswer(
      Questions questions,
      SecondFactor factor,
      Edits edits,
      Remembering remembering,
      Configuration configuration) {
    this.questions = questions;
    this.factor = factor;
    this.edits = edits;
    this.remembering = remembering;
    this.configuration = configuration;
  }

  /**
   * Who says it.
   *
   * @param from how he does, as the log has it
   * @param requestId what his problems are called
   */
  record By(Actor actor, Origin from, String requestId) {}

  /** Takes an answer to a question; reads every field that is left of it. */
  Future<Answer.Reply> take(By by, String question, JsonBody body) {
    if (by.actor().role() != Role.APPROVER) {
      return refused(by, question, body);
    }
    Said answer = said(body, by.from());
    JsonBody edit = body.inner("edit");
    JsonBody remember = body.inner("remember");
    body.refuseUnread();
    if ((edit != null || remember != null) && !answer.approves()) {
      throw ApiException.of(
          422, "decision.conflict", "what is denied is neither edited nor remembered");
    }
    if (edit != null && remember != null) {
      throw ApiException.of(422, "decision.conflict", "what is edited cannot be remembered");
    }
    if (edit != null && answer.effect() != null) {
      throw ApiException.of(
          422, "decision.conflict", "nobody knows the effect of what is edited: look at it first");
    }
    Remembering.Wish wish =
        remember == null ? null : RememberedRoutes.wish(remember, configuration.approval());
    Actor actor = by.actor();
    return questions.hear(
        actor,
        question,
        answer,
        factor.proved(actor, answer, said -> take(by, question, said, edit, wish)));
  }

  /** Who is no approver is refused whatever he says; what he said is recorded. */
  private Future<Answer.Reply> refused(By by, String question, JsonBody body) {
    RefusedException why =
        new RefusedException(RefusedException.Why.NOT_ASKED, "only approvers answer");
    return Future.succeededFuture()
        .map(heard -> said(body, by.from()))
        .compose(said -> questions.refused(by.actor(), question, said, why))
        .transform(told -> Future.succeededFuture())
        .map(told -> Authentication.require(by.actor(), Role.APPROVER))
        .mapEmpty();
  }

  private Future<Answer.Reply> take(
      By by, String id, Said said, @Nullable JsonBody edit, Remembering.@Nullable Wish wish) {
    Actor actor = by.actor();
    if (wish != null) {
      return Answer.ok(
          questions.find(actor, id).compose(found -> remembering.approve(actor, found, wish, said)),
          done -> decided(done.moved()).put("remembered", RememberedRoutes.json(done.memory())));
    }
    return edit == null
        ? Answer.ok(questions.answer(actor, id, said), ApprovalAnswer::decided)
        : questions
            .find(actor, id)
            .compose(found -> edits.approve(actor, found, edited(found, edit), said))
            .map(outcome -> edited(by.requestId(), outcome));
  }

  /** What a person says, as the fields of a decision have it. */
  static Said said(JsonBody body, Origin from) {
    boolean approves = approves(body);
    String reason = body.text("reason", Approvals.MAX_REASON_CHARS, "").strip();
    String digest = body.text("digest", Fields.MAX_NAME_BYTES, "");
    String effect = body.text("effect", Fields.MAX_NAME_BYTES, "");
    String code = body.text("code", Fields.MAX_NAME_BYTES, "");
    return new Said(
        approves,
        reason.isEmpty() ? null : reason,
        digest.isEmpty() ? null : digest,
        effect.isEmpty() ? null : effect,
        code.isEmpty() ? null : code,
        false,
        from);
  }

  /** Whether a decision approves. */
  static boolean approves(JsonBody body) {
    return switch (body.text("decision", Fields.MAX_NAME_BYTES)) {
      case "approve" -> true;
      case "deny" -> false;
      default -> throw ApiException.of(422, "decision.unknown", "decision must be approve or deny");
    };
  }

  private ExecutionArguments edited(Approval question, JsonBody edit) {
    return Fields.arguments(edit, Edits.language(question), configuration.limits());
  }

  private static Answer.Reply edited(String requestId, Edits.Outcomes outcome) {
    return switch (outcome) {
      case Edits.Taken(Moved moved) -> new Answer.Reply(200, decided(moved));
      case Edits.Denied(Verdict verdict) ->
          new Answer.Reply(
              403,
              Problem.body(
                      ApiException.of(403, "approval.edit-denied", "policy denies what it became"))
                  .put("requestId", requestId)
                  .put("decision", Replies.decision(verdict)));
    };
  }

  static JsonObject decided(Moved moved) {
    JsonObject json = Replies.approval(moved.approval());
    var last = moved.approval().answers().getLast();
    return last.approves() && last.fast()
        ? json.put(
            "warning",
            "you approved faster than this action can be read, or were never shown it here")
        : json;
  }
}
