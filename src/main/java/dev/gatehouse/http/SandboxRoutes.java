package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Asking;
import dev.gatehouse.gate.Gate;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** {@code /v1/sandboxes}: sandboxes that an agent holds. */
final class SandboxRoutes {
  private final Gate gate;
  private final Configuration configuration;

  SandboxRoutes(Gate gate, Configuration configuration) {
    this.gate = gate;
    this.configuration = configuration;
  }

  void addTo(Router router) {
    router.post("/v1/sandboxes").handler(context -> Answer.with(context, () -> create(context)));
    router.get("/v1/sandboxes/:id").handler(context -> Answer.with(context, () -> find(context)));
    router
        .delete("/v1/sandboxes/:id")
        .handler(context -> Answer.with(context, () -> delete(context)));
  }

  private Future<Answer.Reply> create(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    String session = Fields.session(body);
    long ttlSeconds =
        body.wholeNumber(
            "ttlSeconds",
            1,
            configuration.sandbox().maxTtlSeconds(),
            configuration.sandbox().ttlSeconds());
    Asking asking = Preferences.asking(context, body);
    body.refuseUnread();
    return gate.createSandbox(actor, session, ttlSeconds, asking)
        .map(passage ->
            ExecutionRoutes.reply(
                context, passage, done -> new Answer.Reply(201, Replies.sandbox(done.result()))));
  }

  private Future<Answer.Reply> find(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    return Answer.ok(
        gate.findSandbox(actor, context.pathParam("id"), session(context)), Replies::sandbox);
  }

  private Future<Answer.Reply> delete(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    return Answer.ok(
        gate.deleteSandbox(actor, context.pathParam("id"), session(context)),
        sandbox -> Replies.sandbox(sandbox).put("state", "deleted"));
  }

  private static @Nullable String session(RoutingContext context) {
    return Fields.sessionIfGiven(context.request().getParam("session"));
  }
}
