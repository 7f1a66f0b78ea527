package dev.gatehouse.http;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Gate;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** {@code /v1/decisions} and {@code /v1/explain}: what policy says, without running anything. */
final class DecisionRoutes {
  /** Policy is more lenient where the server itself runs the action in a sandbox. */
  private static final String SERVERS_OWN = "sandbox";

  private final Gate gate;
  private final Configuration configuration;
  private final DecisionWriter writer = new DecisionWriter();

  DecisionRoutes(Gate gate, Configuration configuration) {
    this.gate = gate;
    this.configuration = configuration;
  }

  /** The route that reads its body itself, line by line; to be added before bodies are gathered. */
  void addStreamingTo(Router router) {
    router.postWithRegex("/v1/decisions:batch").handler(this::decideBatch);
  }

  void addTo(Router router) {
    router.post("/v1/decisions").handler(this::decide);
    router.post("/v1/explain").handler(context -> Answer.with(context, () -> explain(context)));
  }

  private void decide(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    gate.decide(action(actor, JsonBody.parse(context.body().buffer())))
        .onComplete(
            verdict -> {
              AnswerBytes out = new AnswerBytes(512);
              writer.append(out, verdict);
              context.response().putHeader(HttpHeaders.CONTENT_TYPE, Answer.JSON).end(out.give());
            },
            context::fail);
  }

  private void decideBatch(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    new DecisionBatch(
            gate,
            writer,
            body -> action(actor, body),
            context.request(),
            configuration.http().maxBodyBytes())
        .start();
  }

  private Future<Answer.Reply> explain(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    Action action = action(actor, JsonBody.parse(context.body().buffer()));
    return Future.succeededFuture(new Answer.Reply(200, ExplanationJson.of(gate.explain(action))));
  }

  private Action action(Actor actor, JsonBody body) {
    int maxBytes = configuration.limits().codeBytes();
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
            Fields.bounded(body.object("arguments"), "arguments", maxBytes),
            Fields.bounded(circumstances, "context", maxBytes));
    body.refuseUnread();
    return action;
  }
}
