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

/** {@code /v1/decisions} and {@code /v1/explain}: what policy says, without running anything. */
final class DecisionRoutes {
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
    gate.decide(
            Fields.action(
                actor,
                JsonBody.parse(context.body().buffer()),
                configuration.limits(),
                Trace.of(context)))
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
    OpenCalls.cutWithKey(context);
    String trace = Trace.of(context);
    new DecisionBatch(
            context.vertx(),
            gate,
            actor,
            writer,
            body -> Fields.action(actor, body, configuration.limits(), trace),
            context.request(),
            configuration.http().maxBodyBytes())
        .start();
  }

  private Future<Answer.Reply> explain(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    Action action =
        Fields.action(actor, JsonBody.parse(context.body().buffer()), configuration.limits(), null);
    return Future.succeededFuture(new Answer.Reply(200, ExplanationJson.of(gate.explain(action))));
  }
}
