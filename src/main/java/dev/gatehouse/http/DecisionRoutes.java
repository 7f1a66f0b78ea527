package dev.gatehouse.http;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Gate;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** {@code /v1/decisions} and {@code /v1/explain}: what policy says, without running anything. */
final class DecisionRoutes {
  static final String PATH = "/v1/decisions";

  private final Gate gate;
  private final DecisionTurns turns;
  private final Configuration configuration;
  private final DecisionWriter writer = new DecisionWriter();

  DecisionRoutes(Gate gate, DecisionTurns turns, Configuration configuration) {
    this.gate = gate;
    this.turns = turns;
    this.configuration = configuration;
  }

  /** The route that reads its body itself, line by line; to be added before bodies are gathered. */
  void addStreamingTo(Router router) {
    router.postWithRegex(PATH + ":batch").handler(this::decideBatch);
  }

  void addTo(Router router) {
    router.post("/v1/explain").handler(context -> Answer.with(context, () -> explain(context)));
  }

  /** Answers a request whose body is there. */
  void decide(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    turns.add(
        new RequestAsker(context),
        Fields.action(actor, JsonBody.parse(context.body().buffer()), configuration.limits()));
  }

  private record RequestAsker(RoutingContext context) implements DecisionTurns.Asker {
    @Override
    public void decided(AnswerBytes decision) {
      HttpServerResponse response = context.response();
      // The client may have gone.
      if (!response.closed()) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, Answer.JSON).end(decision.give());
      }
    }

    @Override
    public void failed(Throwable cause) {
      context.fail(cause);
    }
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
