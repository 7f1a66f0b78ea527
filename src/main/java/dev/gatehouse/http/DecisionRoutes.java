package dev.gatehouse.http;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Gate;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** {@code POST /v1/decisions}: classify only. */
final class DecisionRoutes {
  /** Policy is more lenient where the server itself runs the action in a sandbox. */
  private static final String SERVERS_OWN = "sandbox";

  private final Gate gate;
  private final Configuration.Limits limits;

  DecisionRoutes(Gate gate, Configuration.Limits limits) {
    this.gate = gate;
    this.limits = limits;
  }

  void addTo(Router router) {
    router.post("/v1/decisions").handler(context -> Answer.with(context, () -> decide(context)));
  }

  private Future<Answer.Reply> decide(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    Map<String, Object> circumstances = body.object("context");
    if (circumstances.containsKey(SERVERS_OWN)) {
      throw ApiException.of(
          422, "context.reserved", "context." + SERVERS_OWN + " is for the server alone to say");
    }
    Action action =
        new Action(
            actor,
            Fields.session(body),
            body.text("tool", Fields.MAX_NAME_BYTES),
            Fields.bounded(body.object("arguments"), "arguments", limits.codeBytes()),
            Fields.bounded(circumstances, "context", limits.codeBytes()));
    body.refuseUnread();
    return Answer.ok(gate.decide(action), Replies::decision);
  }
}
