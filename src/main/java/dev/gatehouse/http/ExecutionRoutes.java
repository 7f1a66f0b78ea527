package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Asking;
import dev.gatehouse.gate.BackgroundExecution;
import dev.gatehouse.gate.ExecutionOrder;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.Passage;
import dev.gatehouse.gate.Passage.Denied;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.gate.Passage.Refused;
import dev.gatehouse.gate.Passage.Waiting;
import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.StandardInput;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;
import java.util.function.Supplier;

/** {@code POST /v1/executions} and {@code POST /v1/sandboxes/{id}/executions}: the main job. */
final class ExecutionRoutes {
  private final Gate gate;
  private final Configuration configuration;

  ExecutionRoutes(Gate gate, Configuration configuration) {
    this.gate = gate;
    this.configuration = configuration;
  }

  void addTo(Router router) {
    router.post("/v1/executions").handler(context -> answer(context, execute(context)));
    router
        .post("/v1/sandboxes/:id/executions")
        .handler(context -> answer(context, executeIn(context)));
  }

  /** An execution that only waits for who follows it, or does not. */
  private record Ready(
      boolean interactive,
      Function<ExecutionFollower, Future<Passage<Ran>>> followed,
      Supplier<Future<Passage<BackgroundExecution>>> background) {}

  private Ready execute(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    Asking asking = Preferences.asking(context, body);
    ExecutionOrder order = Fields.order(body, configuration, true, Trace.of(context));
    return new Ready(
        !(order.input() instanceof StandardInput.Given),
        follower -> gate.execute(actor, order, asking, follower),
        () -> gate.start(actor, order, asking));
  }

  private Ready executeIn(RoutingContext context) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    Asking asking = Preferences.asking(context, body);
    ExecutionOrder order = Fields.order(body, configuration, false, Trace.of(context));
    String id = context.pathParam("id");
    return new Ready(
        !(order.input() instanceof StandardInput.Given),
        follower -> gate.executeIn(actor, id, order, asking, follower),
        () -> gate.startIn(actor, id, order, asking));
  }

  /**
   * Answers at the end, with {@code ?stream} while it runs, with {@code ?background} once it may
   * run; a caller who leaves cancels but where it runs in the background.
   */
  private static void answer(RoutingContext context, Ready execution) {
    boolean streams = streams(context);
    if (Fields.flag(context, "background")) {
      if (streams) {
        throw ApiException.of(
            422, "query.conflict", "an execution is streamed or in the background, not both");
      }
      Answer.with(
          context,
          () ->
              execution
                  .background()
                  .get()
                  .map(passage -> reply(context, passage, BackgroundRoutes::begun)));
      return;
    }
    if (execution.interactive()) {
      throw ApiException.of(
          422,
          "interactive.background",
          "what is sent input while it runs is started with ?background=true");
    }
    ExecutionStream stream = new ExecutionStream(context);
    ExecutionFollower follower = streams ? stream.follower() : ExecutionFollower.silent();
    Idempotency.begunIf(context, follower::hasBegun);
    context.addEndHandler(ended -> {
      if (ended.failed()) {
        follower.cancel();
      }
    });
    Future<Answer.Reply> reply =
        execution
            .followed()
            .apply(follower)
            .map(passage -> reply(context, passage, ExecutionRoutes::ran));
    if (streams) {
      reply.compose(done -> Idempotency.keep(context, done)).onComplete(stream::end, stream::fail);
    } else {
      Answer.with(context, () -> reply);
    }
  }

  /** Whether the caller wants to hear output while it comes. */
  static boolean streams(RoutingContext context) {
    return Fields.flag(context, "stream");
  }

  private static Answer.Reply ran(Done<Ran> done) {
    return new Answer.Reply(200, Replies.execution(done.verdict(), done.result(), done.timings()));
  }

  /**
   * 403 where policy or a person denied or nobody answered, 409 where the answer is used, 202 where
   * a person is asked, else what {@code whenDone} says.
   */
  static <T> Answer.Reply reply(
      RoutingContext context, Passage<T> passage, Function<Done<T>, Answer.Reply> whenDone) {
    return reply(RequestId.of(context), passage, whenDone);
  }

  static <T> Answer.Reply reply(
      String requestId, Passage<T> passage, Function<Done<T>, Answer.Reply> whenDone) {
    return switch (passage) {
      case Denied<T> denied ->
          new Answer.Reply(
              403,
              Problem.body(ApiException.of(403, "policy.denied", "policy denies this action"))
                  .put("requestId", requestId)
                  .put("id", denied.verdict().id())
                  .put("decision", Replies.decision(denied.verdict())));
      case Waiting<T> waiting ->
          new Answer.Reply(202, Replies.waiting(waiting.verdict(), waiting.approval()));
      case Refused<T> refused ->
          new Answer.Reply(
              refusalStatus(refused.approval()),
              Problem.body(
                      ApiException.of(
                          refusalStatus(refused.approval()),
                          "approval." + refused.approval().state().word(),
                          "the approval is " + refused.approval().state().word()))
                  .put("requestId", requestId)
                  .mergeIn(Replies.waiting(refused.verdict(), refused.approval())));
      case Done<T> done -> whenDone.apply(done);
    };
  }

  private static int refusalStatus(Approval approval) {
    return switch (approval.state()) {
      case DENIED, EXPIRED -> 403;
      case PENDING, CLAIMED, APPROVED, CANCELLED, CONSUMED -> 409;
    };
  }
}
