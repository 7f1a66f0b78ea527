package dev.gatehouse.http;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.Verdict;
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
  private final Stages stages;
  private final DecisionWriter writer = new DecisionWriter();

  DecisionRoutes(Gate gate, DecisionTurns turns, Configuration configuration, Stages stages) {
    this.gate = gate;
    this.turns = turns;
    this.configuration = configuration;
    this.stages = stages;
  }

  /** The route that reads its body itself, line by line; to be added before bodies are gathered. */
  void addStreamingTo(Router router) {
    router.postWithRegex(PATH + ":batch").handler(this::decideBatch);
  }

  void addTo(Router router) {
    // The other one stands first, and the router forgets that only its method was another.
    router.route(PATH).handler(context -> context.fail(405));
    router.post("/v1/explain").handler(context -> Answer.with(context, () -> explain(context)));
  }

  /** Answers a request whose body is there. */
  void decide(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    long bodyNanos = System.nanoTime();
    Action action =
        Fields.action(
            actor,
            JsonBody.parse(context.body().buffer()),
            configuration.limits(),
            Trace.of(context));
    stages.parsed(bodyNanos);
    turns.add(new RequestAsker(context, stages), action);
  }

  private record RequestAsker(RoutingContext context, Stages stages)
      implements DecisionTurns.Asker {
    @Override
    public void decided(Verdict verdict, AnswerBytes decision, long recordNanos) {
      HttpServerResponse response = context.response();
      // The client may have gone; a failure here would keep the answers behind it from leaving.
      if (response.closed() || response.ended()) {
        return;
      }
      long knownNanos = System.nanoTime();
      Stages.tell(response, verdict.tookNanos(), recordNanos);
      response.putHeader(HttpHeaders.CONTENT_TYPE, Answer.JSON).end(decision.give());
      stages.replied(knownNanos);
    }

    @Override
    public void failed(Throwable cause) {
      context.fail(cause);
    }
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
            configuration.http().maxBodyBytes(),
            configuration.http().idleTimeoutMillis())
        .start();
  }

  private Future<Answer.Reply> explain(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    Action action =
        Fields.action(actor, JsonBody.parse(context.body().buffer()), configuration.limits(), null);
    RuntimeException refusal = gate.admit(actor);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    // Thousands of changes may be tried: not on the event loop, and one at a time for each loop.
    return context
        .vertx()
        .executeBlocking(() -> ExplanationJson.of(gate.explain(action)), true)
        .map(explanation -> new Answer.Reply(200, explanation));
  }
}
