package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.gate.Asking;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.HeldSandboxes;
import dev.gatehouse.sandbox.Owner;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.SandboxOrder;
import dev.gatehouse.sandbox.egress.AllowList;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** {@code /v1/sandboxes}: sandboxes that an agent holds. */
final class SandboxRoutes {
  private static final String PATH = "/v1/sandboxes";

  /** One of them and what is to be done with it: {@code /v1/sandboxes/{id}:pause}. */
  private static final String CHANGE = PATH + "/(?<id>[^/:]{1,256}):";

  private final Gate gate;
  private final HeldSandboxes held;
  private final Configuration configuration;

  SandboxRoutes(Gate gate, HeldSandboxes held, Configuration configuration) {
    this.gate = gate;
    this.held = held;
    this.configuration = configuration;
  }

  void addTo(Router router) {
    router.post(PATH).handler(context -> Answer.with(context, () -> create(context)));
    router.get(PATH).handler(context -> Answer.with(context, () -> list(context)));
    router
        .put(PATH + "/:id/network")
        .handler(context -> Answer.with(context, () -> changeNetwork(context)));
    router
        .postWithRegex(CHANGE + "renew")
        .handler(context -> Answer.with(context, () -> renew(context)));
    router
        .postWithRegex(CHANGE + "pause")
        .handler(context -> Answer.with(context, () -> change(context, held::pause)));
    router
        .postWithRegex(CHANGE + "resume")
        .handler(context -> Answer.with(context, () -> change(context, held::resume)));
    router
        .get(PATH + "/:id")
        .handler(context -> Answer.with(context, () -> change(context, held::find)));
    router.delete(PATH + "/:id").handler(context -> Answer.with(context, () -> delete(context)));
  }

  private Future<Answer.Reply> create(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    String session = Fields.session(body);
    Profile profile = Fields.profile(body, configuration);
    SandboxSettings limits = configuration.sandbox();
    SandboxOrder order =
        new SandboxOrder(
            new Owner(actor.tenant(), actor.name(), session),
            profile.name(),
            body.wholeNumber("ttlSeconds", 1, limits.maxTtlSeconds(), limits.ttlSeconds()),
            body.wholeNumber("idleSeconds", 0, limits.maxTtlSeconds(), limits.idleSeconds()),
            Labels.read(body),
            Fields.network(body));
    Asking asking = Preferences.asking(context, body);
    body.refuseUnread();
    return gate.sandboxes()
        .create(actor, order, asking)
        .map(passage ->
            ExecutionRoutes.reply(
                context, passage, done -> new Answer.Reply(201, Replies.sandbox(done.result()))));
  }

  private Future<Answer.Reply> changeNetwork(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    AllowList allow = Fields.allowList("allow", body.texts("allow"));
    Asking asking = Preferences.asking(context, body);
    body.refuseUnread();
    return gate.sandboxes()
        .changeNetwork(actor, context.pathParam("id"), session(context), allow, asking)
        .map(passage ->
            ExecutionRoutes.reply(
                context, passage, done -> new Answer.Reply(200, Replies.sandbox(done.result()))));
  }

  private Future<Answer.Reply> list(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    return Answer.ok(
        held.list(SandboxListing.query(context, HeldSandboxes.claimOf(actor, session(context)))),
        SandboxListing::page);
  }

  private Future<Answer.Reply> renew(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    JsonBody body = JsonBody.parse(context.body().buffer());
    SandboxSettings limits = configuration.sandbox();
    long ttlSeconds =
        body.wholeNumber("ttlSeconds", 1, limits.maxTtlSeconds(), limits.ttlSeconds());
    body.refuseUnread();
    return Answer.ok(
        held.renew(actor, context.pathParam("id"), session(context), ttlSeconds), Replies::sandbox);
  }

  /** What is done with one sandbox, by whom. */
  private interface Change {
    Future<SandboxInfo> of(Actor actor, String id, @Nullable String session);
  }

  private static Future<Answer.Reply> change(RoutingContext context, Change change) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    return Answer.ok(change.of(actor, context.pathParam("id"), session(context)), Replies::sandbox);
  }

  private Future<Answer.Reply> delete(RoutingContext context) {
    return change(context, held::delete)
        .map(reply -> new Answer.Reply(200, reply.body().put("state", "deleted")));
  }

  private static @Nullable String session(RoutingContext context) {
    return Fields.sessionIfGiven(context.request().getParam("session"));
  }
}
