package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.EventCursor;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Previews;
import dev.gatehouse.gate.Questions;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** {@code /v1/approvals}: what waits for a person, and what persons say to it. */
final class ApprovalRoutes {
  static final int USUAL_PAGE = 50;

  private final Questions questions;
  private final ApprovalAnswer answer;
  private final Previews previews;
  private final Configuration configuration;
  private final AtomicInteger watchers = new AtomicInteger();

  ApprovalRoutes(
      Questions questions, ApprovalAnswer answer, Previews previews, Configuration configuration) {
    this.questions = questions;
    this.answer = answer;
    this.previews = previews;
    this.configuration = configuration;
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
        .post("/v1/approvals/:id/preview")
        .handler(context -> Answer.with(context, () -> preview(context)));
    router
        .post("/v1/approvals/:id/decision")
        .handler(context -> Answer.with(context, () -> decide(context)));
  }

  private Future<Answer.Reply> page(RoutingContext context) {
    Actor actor = watcher(context);
    int limit = Fields.limit(context, USUAL_PAGE, Approvals.MAX_PAGE);
    String state = context.request().getParam("state", "pending");
    return Answer.ok(
        questions.page(actor, state(state), Fields.cursor(context), limit),
        page -> page(page, limit));
  }

  /** A page of at most so many. */
  static JsonObject page(List<Approval> page, int limit) {
    JsonArray approvals = new JsonArray();
    page.forEach(approval -> approvals.add(Replies.approval(approval)));
    boolean more = page.size() == limit;
    return new JsonObject()
        .put("approvals", approvals)
        .put("next", more ? page.getLast().id() : null);
  }

  /** Pending are all that wait for an answer, whether somebody looks at them or not. */
  static Approval.@Nullable State state(String word) {
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
      new ApprovalWatch(context, events(actor), watchers, configuration.http().bodyTimeoutMillis())
          .start(after != null ? after : context.request().getParam("after"));
      Connections.goesOnForEver(context);
      OpenCalls.endEventsWithKey(context);
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  private ApprovalWatch.Events events(Actor actor) {
    return new ApprovalWatch.Events() {
      @Override
      public Future<EventCursor> end() {
        return questions.end();
      }

      @Override
      public Future<List<Moved>> after(EventCursor place) {
        return questions.after(actor, place, ApprovalWatch.READ_LIMIT);
      }
    };
  }

  private Future<Answer.Reply> find(RoutingContext context) {
    Actor actor = watcher(context);
    long waitMillis = Preferences.waitMillis(context);
    return Answer.ok(
        questions.await(actor, id(context), waitMillis, Preferences.hangUp(context)),
        found -> seen(actor, found));
  }

  /** A question as the actor may see it: what was not approved tells its agent nothing. */
  static JsonObject seen(Actor actor, Approval question) {
    return actor.role() == Role.AGENT ? Replies.asked(question) : Replies.question(question);
  }

  private Future<Answer.Reply> preview(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.APPROVER);
    return Answer.ok(
        previews.preview(actor, id(context), from(context)),
        moved -> Replies.question(moved.approval()));
  }

  private Future<Answer.Reply> cancel(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    return Answer.ok(
        questions.cancel(actor, id(context), from(context)),
        moved -> Replies.approval(moved.approval()));
  }

  private Future<Answer.Reply> claim(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.APPROVER);
    return Answer.ok(
        questions.claim(actor, id(context), from(context)),
        moved -> Replies.question(moved.approval()));
  }

  private Future<Answer.Reply> decide(RoutingContext context) {
    Actor actor = Authentication.key(context).actor();
    String id;
    JsonBody body;
    try {
      id = id(context);
      body = JsonBody.parse(context.body().buffer());
    } catch (ApiException malformed) {
      // Who may not answer is told that first.
      Authentication.require(actor, Role.APPROVER);
      throw malformed;
    }
    return answer.take(
        new ApprovalAnswer.By(actor, from(context), RequestId.of(context)), id, body);
  }

  static Origin from(RoutingContext context) {
    return new Origin("http", context.request().remoteAddress().hostAddress());
  }

  private static Actor watcher(RoutingContext context) {
    return Authentication.require(context, Role.AGENT, Role.APPROVER, Role.OPERATOR, Role.AUDITOR);
  }

  static String id(RoutingContext context) {
    return question(context.pathParam("id"));
  }

  /** An id that may be a question's. */
  static String question(String id) {
    if (!Fields.isName(id)) {
      throw ApiException.of(404, "approval.not-found", "there is no such approval");
    }
    return id;
  }
}
