package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.EventCursor;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.Said;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Edits;
import dev.gatehouse.gate.ExecutionArguments;
import dev.gatehouse.gate.Previews;
import dev.gatehouse.gate.Questions;
import dev.gatehouse.gate.Remembering;
import dev.gatehouse.gate.SecondFactor;
import dev.gatehouse.gate.Verdict;
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
  private final SecondFactor factor;
  private final Edits edits;
  private final Previews previews;
  private final Remembering remembering;
  private final Configuration configuration;
  private final AtomicInteger watchers = new AtomicInteger();

  ApprovalRoutes(
      Questions questions,
      SecondFactor factor,
      Edits edits,
      Previews previews,
      Remembering remembering,
      Configuration configuration) {
    this.questions = questions;
    this.factor = factor;
    this.edits = edits;
    this.previews = previews;
    this.remembering = remembering;
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
        previews.preview(actor, id(context)), moved -> Replies.question(moved.approval()));
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
    Said answer = said(body, "http", context.request().remoteAddress().hostAddress());
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
    return factor.proved(actor, answer).compose(said -> decide(context, id, said, edit, wish));
  }

  private Future<Answer.Reply> decide(
      RoutingContext context,
      String id,
      Said said,
      @Nullable JsonBody edit,
      Remembering.@Nullable Wish wish) {
    Actor actor = Authentication.require(context, Role.APPROVER);
    if (wish != null) {
      return Answer.ok(
          questions.find(actor, id).compose(found -> remembering.approve(actor, found, wish, said)),
          done -> decided(done.moved()).put("remembered", RememberedRoutes.json(done.memory())));
    }
    return edit == null
        ? Answer.ok(questions.answer(actor, id, said), ApprovalRoutes::decided)
        : questions
            .find(actor, id)
            .compose(found -> edits.approve(actor, found, edited(found, edit), said))
            .map(outcome -> edited(context, outcome));
  }

  /** What a person says, as the fields of a decision have it. */
  static Said said(JsonBody body, String channel, String address) {
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
        channel,
        address);
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

  private static Answer.Reply edited(RoutingContext context, Edits.Outcomes outcome) {
    return switch (outcome) {
      case Edits.Taken(Moved moved) -> new Answer.Reply(200, decided(moved));
      case Edits.Denied(Verdict verdict) ->
          new Answer.Reply(
              403,
              Problem.body(
                      ApiException.of(403, "approval.edit-denied", "policy denies what it became"))
                  .put("requestId", RequestId.of(context))
                  .put("decision", Replies.decision(verdict)));
    };
  }

  static JsonObject decided(Moved moved) {
    JsonObject json = Replies.approval(moved.approval());
    var last = moved.approval().answers().getLast();
    return last.approves() && last.fast()
        ? json.put("warning", "you approved faster than this action can be read")
        : json;
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
