package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.Passage;
import dev.gatehouse.gate.Passage.Denied;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.gate.Passage.Waiting;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;

/** {@code POST /v1/executions} and {@code POST /v1/sandboxes/{id}/executions}: the main job. */
final class ExecutionRoutes {
  private final Gate gate;
  private final Configuration configuration;

  ExecutionRoutes(Gate gate, Configuration configuration) {
    this.gate = gate;
    this.configuration = configuration;
  }

  void addTo(Router router) {
    router.post("/v1/executions").handler(context -> Answer.with(context, () -> execute(context)));
    router
        .post("/v1/sandboxes/:id/executions")
        .handler(context -> Answer.with(context, () -> executeIn(context)));
  }

  private Future<Answer.Reply> execute(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    return gate.execute(actor, Fields.order(body, configuration, true))
        .map(passage -> reply(context, passage, ExecutionRoutes::ran));
  }

  private Future<Answer.Reply> executeIn(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    return gate.executeIn(actor, context.pathParam("id"), Fields.order(body, configuration, false))
        .map(passage -> reply(context, passage, ExecutionRoutes::ran));
  }

  private static Answer.Reply ran(Done<Ran> done) {
    return new Answer.Reply(200, Replies.execution(done.verdict(), done.result(), done.timings()));
  }

  /** 403 where policy denied, 202 where it asks, else what {@code whenDone} says. */
  static <T> Answer.Reply reply(
      RoutingContext context, Passage<T> passage, Function<Done<T>, Answer.Reply> whenDone) {
    return switch (passage) {
      case Denied<T> denied ->
          new Answer.Reply(
              403,
              Problem.body(ApiException.of(403, "policy.denied", "policy denies this action"))
                  .put("requestId", RequestId.of(context))
                  .put("id", denied.verdict().id())
                  .put("decision", Replies.decision(denied.verdict())));
      case Waiting<T> waiting ->
          new Answer.Reply(202, Replies.waiting(waiting.verdict(), waiting.approval()));
      case Done<T> done -> whenDone.apply(done);
    };
  }
}
