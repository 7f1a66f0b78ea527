package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.gate.Questions;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** {@code /v1/approvals}: what waits for a person, and what persons say to it. */
final class ApprovalRoutes {
  private static final int USUAL_PAGE = 50;

  private final Questions questions;
  private final AtomicInteger watchers = new AtomicInteger();

  ApprovalRoutes(Questions questions) {
    this.questions = questions;
  }

  void addTo(Router router) {
    router.get("/v1/approvals").handler(context -> Answer.with(context, () -> page(context)));
    router.get("/v1/approvals/events").handler(this::watch);
    router.get("/v1/approvals/:id").handler(context -> Answer.with(context, () -> find(context)));
    router
        .delete("/v1/approvals/:id")
        .handler(context -> Answer.with(context, () -> cancel(context)));
    router
        .post("/v1/approvals/:id/claim")
        .handler(context -> Answer.with(context, () -> claim(context)));
    router
        .post("/v1/approvals/:id/decision")
        .handler(context -> Answer.with(context, () -> decide(context)));
  }

  private Future<Answer.Reply> page(RoutingContext context) {
    Actor actor = watcher(context);
    HttpServerRequest request = context.request();
    int limit = limit(request.getParam("limit"));
    String cursor = request.getParam("cursor", "");
    if (!cursor.isEmpty() && !Fields.isName(cursor)) {
      throw ApiException.of(422, "query.invalid", "cursor is none that was given");
    }
    return Answer.ok(
        questions.page(actor, state(request.getParam("state", "pending")), cursor, limit),
        page -> {
          JsonArray approvals = new JsonArray();
          page.forEach(approval -> approvals.add(Replies.approval(approval)));
          boolean more = page.size() == limit;
          return new JsonObject()
              .put("approvals", approvals)
              .put("next", more ? page.getLast().id() : null);
        });
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return USUAL_PAGE;
    }
    int limit = text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > Approvals.MAX_PAGE) {
      throw ApiException.of(422, "query.invalid", "limit must be 1 to " + Approvals.MAX_PAGE);
    }
    return limit;
  }

  /** Pending are all that wait for an answer, whether somebody looks at them or not. */
  private static Approval.@Nullable State state(String word) {
    if (word.equals("pending")) {
      return null;
    }
    for (Approval.State state : Approval.State.values()) {
      if (state.word().equals(word.toLowerCase(Locale.ROOT))) {
        return state;
      }
    }
    throw ApiException.of(
        422,
        "query.invalid",
        "state must be pending, claimed, approved, denied, expired, cancelled or consumed");
  }

  private void watch(RoutingContext context) {
    try {
      Actor actor = watcher(context);
      String after = context.request().getHeader("Last-Event-ID");
      new ApprovalWatch(context, questions, actor, watchers)
          .start(after != null ? after : context.request().getParam("after"));
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  private Future<Answer.Reply> find(RoutingContext context) {
    Actor actor = watcher(context);
    long waitMillis = Preferences.waitMillis(context);
    return Answer.ok(
        questions.await(actor, id(context), waitMillis, Preferences.hangUp(context)),
        Replies::question);
  }

  private Future<Answer.Reply> cancel(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    return Answer.ok(
        questions.cancel(actor, id(context)), moved -> Replies.approval(moved.approval()));
  }

  private Future<Answer.Reply> claim(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.APPROVER);
    return Answer.ok(
        questions.claim(actor, id(context)), moved -> Replies.question(moved.approval()));
  }

  private Future<Answer.Reply> decide(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.APPROVER);
    String id = id(context);
    JsonBody body = JsonBody.parse(context.body().buffer());
    String decision = body.text("decision", Fields.MAX_NAME_BYTES);
    if (!decision.equals("approve") && !decision.equals("deny")) {
      throw ApiException.of(422, "decision.unknown", "decision must be approve or deny");
    }
    String reason = body.text("reason", Approvals.MAX_REASON_CHARS, "").strip();
    body.refuseUnread();
    return Answer.ok(
        questions.answer(
            actor,
            id,
            decision.equals("approve"),
            reason.isEmpty() ? null : reason,
            context.request().remoteAddress().hostAddress()),
        ApprovalRoutes::decided);
  }

  private static JsonObject decided(Moved moved) {
    JsonObject json = Replies.approval(moved.approval());
    var last = moved.approval().answers().getLast();
    return last.approves() && last.fast()
        ? json.put("warning", "you approved faster than this action can be read")
        : json;
  }

  private static Actor watcher(RoutingContext context) {
    return Authentication.require(context, Role.AGENT, Role.APPROVER, Role.OPERATOR, Role.AUDITOR);
  }

  private static String id(RoutingContext context) {
    String id = context.pathParam("id");
    if (!Fields.isName(id)) {
      throw ApiException.of(404, "approval.not-found", "there is no such approval");
    }
    return id;
  }
}
