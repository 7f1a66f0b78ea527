package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.gate.Questions;
import io.vertx.core.Future;

/** What a WebSocket does about questions to persons, with the same guards as over HTTP. */
final class SocketApprovals {
  private final Questions questions;
  private final ApprovalAnswer answer;

  SocketApprovals(Questions questions, ApprovalAnswer answer) {
    this.questions = questions;
    this.answer = answer;
  }

  /** A page of what waits, or of what stands otherwise. */
  Future<SocketReply> page(SocketConnection by, JsonBody body) {
    Actor actor = anybody(by);
    String state = body.text("state", Fields.MAX_NAME_BYTES, "pending");
    String cursor = body.text("cursor", Fields.MAX_NAME_BYTES, "");
    int limit = (int) body.wholeNumber("limit", 1, Approvals.MAX_PAGE, ApprovalRoutes.USUAL_PAGE);
    body.refuseUnread();
    if (!cursor.isEmpty() && !Fields.isName(cursor)) {
      throw ApiException.of(422, "field.malformed", "cursor is none that was given");
    }
    return Answer.ok(
            questions.page(actor, ApprovalRoutes.state(state), cursor, limit),
            page -> ApprovalRoutes.page(page, limit))
        .map(SocketReply::of);
  }

  /** How a question stands, at the latest after {@code waitMs}. */
  Future<SocketReply> find(SocketConnection by, JsonBody body) {
    Actor actor = anybody(by);
    String question = question(body);
    long waitMillis = body.wholeNumber("waitMs", 0, Preferences.MAX_WAIT_MILLIS, 0);
    body.refuseUnread();
    Future<?> waited =
        waitMillis == 0
            ? Future.succeededFuture()
            : questions.await(actor, question, waitMillis, by.gone());
    // Read anew when the client takes it: what many wait for is not kept meanwhile.
    return waited
        .compose(known ->
            by.turns()
                .take(() ->
                    Answer.ok(
                        questions.await(actor, question, 0, by.gone()),
                        found -> ApprovalRoutes.seen(actor, found))))
        .map(SocketReply::of);
  }

  /** Takes a question back. */
  Future<SocketReply> withdraw(SocketConnection by, JsonBody body) {
    Actor actor = Authentication.require(by.actor(), Role.AGENT, Role.OPERATOR);
    String question = question(body);
    body.refuseUnread();
    return Answer.ok(
            questions.cancel(actor, question, from(by)),
            moved -> Replies.approval(moved.approval()))
        .map(SocketReply::of);
  }

  /** Says that one looks at it. */
  Future<SocketReply> claim(SocketConnection by, JsonBody body) {
    Actor actor = Authentication.require(by.actor(), Role.APPROVER);
    String question = question(body);
    body.refuseUnread();
    return Answer.ok(
            questions.claim(actor, question, from(by)), moved -> Replies.question(moved.approval()))
        .map(SocketReply::of);
  }

  /** Approves or denies, with other arguments or for later actions, too. */
  Future<SocketReply> answer(SocketConnection by, JsonBody body) {
    String question;
    try {
      question = question(body);
    } catch (ApiException malformed) {
      // Who may not answer is told that first.
      Authentication.require(by.actor(), Role.APPROVER);
      throw malformed;
    }
    return answer
        .take(new ApprovalAnswer.By(by.actor(), from(by), by.requestId()), question, body)
        .map(SocketReply::of);
  }

  private static Origin from(SocketConnection by) {
    return new Origin("websocket", by.caller());
  }

  /** Everybody may look, agents at what is their own. */
  static Actor anybody(SocketConnection by) {
    return Authentication.require(
        by.actor(), Role.AGENT, Role.APPROVER, Role.OPERATOR, Role.AUDITOR);
  }

  private static String question(JsonBody body) {
    return ApprovalRoutes.question(body.text("approval", Fields.MAX_NAME_BYTES));
  }
}
