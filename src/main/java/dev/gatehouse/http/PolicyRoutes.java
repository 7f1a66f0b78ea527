package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.gate.PolicyVerticle;
import dev.gatehouse.policy.Policies;
import dev.gatehouse.policy.Policy;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.UncheckedIOException;
import java.util.List;

/** {@code /v1/policies}: which policy is active, and which is to be. */
final class PolicyRoutes {
  private static final String PATH = "/v1/policies";

  private final Policies policies;
  private final PolicyVerticle changes;

  PolicyRoutes(Policies policies, PolicyVerticle changes) {
    this.policies = policies;
    this.changes = changes;
  }

  void addTo(Router router) {
    router.get(PATH).handler(context -> Answer.with(context, () -> list(context)));
    // A colon begins a parameter in a plain path, hence the expressions.
    router
        .postWithRegex(PATH + ":reload")
        .handler(context ->
            Answer.with(context, () -> answer(changes.reload(operator(context).name()))));
    router
        .postWithRegex(PATH + ":rollback")
        .handler(context ->
            Answer.with(context, () -> answer(changes.rollBack(operator(context).name()))));
    router
        .postWithRegex(PATH + "/(?<digest>sha256:[0-9a-f]{64}):activate")
        .handler(context ->
            Answer.with(
                context,
                () ->
                    answer(
                        changes.activate(operator(context).name(), context.pathParam("digest")))));
  }

  private Future<Answer.Reply> list(RoutingContext context) {
    Authentication.require(context, Role.AGENT, Role.APPROVER, Role.OPERATOR, Role.AUDITOR);
    Policy active = policies.active();
    JsonObject body =
        new JsonObject()
            .put("active", active.digest())
            .put("files", policies.files())
            .put("rules", active.size())
            .put("versions", new JsonArray(List.copyOf(policies.versions())));
    return Future.succeededFuture(new Answer.Reply(200, body));
  }

  private static Actor operator(RoutingContext context) {
    return Authentication.require(context, Role.OPERATOR);
  }

  private static Future<Answer.Reply> answer(Future<String> digest) {
    return Answer.ok(
        digest.recover(failure -> Future.failedFuture(refusal(failure))),
        active -> new JsonObject().put("active", active));
  }

  private static Throwable refusal(Throwable failure) {
    return switch (failure) {
      case IllegalArgumentException e ->
          ApiException.of(404, "policy.version-unknown", String.valueOf(e.getMessage()));
      case IllegalStateException e ->
          ApiException.of(409, "policy.no-earlier-version", String.valueOf(e.getMessage()));
      case UncheckedIOException e ->
          ApiException.of(500, "policy.not-kept", String.valueOf(e.getMessage()));
      default -> failure;
    };
  }
}
