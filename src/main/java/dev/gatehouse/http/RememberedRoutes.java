package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Memories;
import dev.gatehouse.approval.Memory;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Questions;
import dev.gatehouse.gate.Remembering;
import dev.gatehouse.gate.Remembering.Offer;
import dev.gatehouse.gate.Remembering.Scope;
import dev.gatehouse.gate.Remembering.Wish;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** {@code /v1/remembered}: approvals that hold for later actions, too, and what one would be. */
final class RememberedRoutes {
  private static final int USUAL_PAGE = 50;
  private static final int USUAL_USES = 100;
  private static final int MAX_USES = 10_000;

  private final Remembering remembering;
  private final Questions questions;
  private final Configuration configuration;

  RememberedRoutes(Remembering remembering, Questions questions, Configuration configuration) {
    this.remembering = remembering;
    this.questions = questions;
    this.configuration = configuration;
  }

  void addTo(Router router) {
    router
        .post("/v1/approvals/:id/remember")
        .handler(context -> Answer.with(context, () -> offer(context)));
    router.get("/v1/remembered").handler(context -> Answer.with(context, () -> page(context)));
    router.get("/v1/remembered/:id").handler(context -> Answer.with(context, () -> find(context)));
    router
        .post("/v1/remembered/:id/test")
        .handler(context -> Answer.with(context, () -> test(context)));
    router
        .delete("/v1/remembered/:id")
        .handler(context -> Answer.with(context, () -> revoke(context)));
  }

  /** What a person wants to be remembered. */
  static Wish wish(JsonBody body, ApprovalSettings settings) {
    String word = body.text("scope", Fields.MAX_NAME_BYTES);
    Scope scope =
        switch (word) {
          case "session" -> Scope.SESSION;
          case "rule" -> Scope.RULE;
          default -> throw ApiException.of(422, "scope.unknown", "scope must be session or rule");
        };
    Wish wish =
        new Wish(
            scope,
            body.wholeNumber("seconds", 1, settings.rememberSeconds(), 0),
            (int) body.wholeNumber("uses", 1, MAX_USES, USUAL_USES));
    body.refuseUnread();
    if (wish.seconds() == 0) {
      throw ApiException.of(
          422, "field.missing", "seconds is missing, expected 1 to " + settings.rememberSeconds());
    }
    return wish;
  }

  private Future<Answer.Reply> offer(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.APPROVER);
    String id = ApprovalRoutes.id(context);
    Wish wish = wish(JsonBody.parse(context.body().buffer()), configuration.approval());
    return Answer.ok(
        questions
            .find(actor, id)
            .compose(question ->
                remembering
                    .offer(actor, question, wish)
                    .map(offer ->
                        offered(wish, offer)
                            .put("actor", question.actor())
                            .put("tool", question.tool()))),
        json -> json);
  }

  private static JsonObject offered(Wish wish, Offer offer) {
    return new JsonObject()
        .put("scope", wish.scope() == Scope.SESSION ? "session" : "rule")
        .put("seconds", wish.seconds())
        .put("uses", wish.uses())
        .put("rule", offer.rule())
        .put(
            "blastRadius",
            new JsonObject()
                .put("days", Memories.ASKED_DAYS)
                .put("questions", offer.asked().questions())
                .put("sessions", offer.asked().sessions()));
  }

  private Future<Answer.Reply> page(RoutingContext context) {
    Actor actor = watcher(context);
    int limit = Fields.limit(context, USUAL_PAGE, Memories.MAX_PAGE);
    return Answer.ok(
        remembering.page(actor, Fields.cursor(context), limit),
        page -> {
          JsonArray remembered = new JsonArray();
          page.forEach(memory -> remembered.add(json(memory)));
          return new JsonObject()
              .put("remembered", remembered)
              .put("next", page.size() == limit ? page.getLast().id() : null);
        });
  }

  private Future<Answer.Reply> find(RoutingContext context) {
    return Answer.ok(
        remembering.find(watcher(context), ApprovalRoutes.id(context)), RememberedRoutes::json);
  }

  private Future<Answer.Reply> test(RoutingContext context) {
    Actor actor = watcher(context);
    String id = ApprovalRoutes.id(context);
    JsonBody body = JsonBody.parse(context.body().buffer());
    int maxBytes = configuration.limits().codeBytes();
    Remembering.Trial trial =
        new Remembering.Trial(
            Fields.session(body),
            body.text("tool", Fields.MAX_NAME_BYTES),
            Fields.bounded(body.object("arguments"), "arguments", maxBytes),
            Fields.bounded(body.object("context"), "context", maxBytes));
    body.refuseUnread();
    return Answer.ok(
        remembering.test(actor, id, trial), holds -> new JsonObject().put("holds", holds));
  }

  private Future<Answer.Reply> revoke(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.APPROVER, Role.OPERATOR);
    return Answer.ok(
        remembering.revoke(actor, ApprovalRoutes.id(context), ApprovalRoutes.from(context)),
        memory -> json(memory).put("revokedBy", actor.holder()));
  }

  private static Actor watcher(RoutingContext context) {
    return Authentication.require(context, Role.APPROVER, Role.OPERATOR, Role.AUDITOR);
  }

  static JsonObject json(Memory memory) {
    return new JsonObject()
        .put("id", memory.id())
        .put("scope", memory.session() == null ? "rule" : "session")
        .put("actor", memory.actor())
        .put("session", memory.session())
        .put("tool", memory.tool())
        .put("risk", memory.risk().name())
        .put("policy", memory.policy())
        .put("rule", memory.rule())
        .put("approval", memory.approval())
        .put("by", memory.by())
        .put("reason", memory.reason())
        .put("uses", memory.uses())
        .put("maxUses", memory.maxUses())
        .put("createdAt", memory.createdAt().toString())
        .put("expiresAt", memory.expiresAt().toString());
  }
}
