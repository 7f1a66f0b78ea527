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
  private final Stages stages;
  private final DecisionWriter writer = new DecisionWriter();

  DecisionRoutes(Gate gate, Configuration configuration, Stages stages) {
    this.gate = gate;
    this.configuration = configuration;
    this.stages = stages;
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
    long bodyNanos = System.nanoTime();
    Action action =
        Fields.action(actor, JsonBody.parse(context.body().buffer()), configuration.limits());
    stages.parsed(bodyNanos);
    gate.decide(action)
        .onComplete(
            verdict -> {
              long knownNanos = System.nanoTime();
              AnswerBytes out = new AnswerBytes(512);
              writer.append(out, verdict);
              Stages.tell(context.response(), verdict.tookNanos());
              context.response().putHeader(HttpHeaders.CONTENT_TYPE, Answer.JSON).end(out.give());
              stages.replied(knownNanos);
            },
            context::fail);
  }

  private void decideBatch(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    OpenCalls.cutWithKey(context);
    new DecisionBatch(
            context.vertx(),
            gate,
            actor,
            writer,
            body -> Fields.action(actor, body, configuration.limits()),
            context.request(),
            configuration.http().maxBodyBytes())
        .start();
  }

  private Future<Answer.Reply> explain(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    Action action =
        Fields.action(actor, JsonBody.parse(context.body().buffer()), configuration.limits());
    return Future.succeededFuture(new Answer.Reply(200, ExplanationJson.of(gate.explain(action))));
  }
}
