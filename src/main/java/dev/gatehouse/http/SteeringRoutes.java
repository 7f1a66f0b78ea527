package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.gate.Asking;
import dev.gatehouse.gate.BackgroundExecution;
import dev.gatehouse.gate.ExecutionSteering;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.sandbox.Steering;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** {@code POST .../executions/{id}/stdin}, {@code /signal} and {@code /resize}. */
final class SteeringRoutes {
  private static final List<String> PLACES =
      List.of("/v1/executions/:execution/", "/v1/sandboxes/:sandbox/executions/:execution/");

  /** What a body asks for, by the path's last word, or a frame's type. */
  static final Map<String, Function<JsonBody, Steering>> WORDS =
      Map.of(
          "stdin", InputFields::sent,
          "signal", InputFields::signal,
          "resize", body -> new Steering.Resize(InputFields.size(body)));

  private final ExecutionSteering steering;
  private final Idempotency idempotency;

  SteeringRoutes(ExecutionSteering steering, Idempotency idempotency) {
    this.steering = steering;
    this.idempotency = idempotency;
  }

  void addTo(Router router) {
    for (String place : PLACES) {
      WORDS.forEach((word, read) ->
          router
              .post(place + word)
              .handler(idempotency)
              .handler(context -> Answer.with(context, () -> steer(context, read))));
    }
  }

  private Future<Answer.Reply> steer(RoutingContext context, Function<JsonBody, Steering> read) {
    Actor actor = Authentication.require(context, Role.AGENT);
    JsonBody body = JsonBody.parse(context.body().buffer());
    Asking asking = Preferences.asking(context, body);
    String session = Fields.sessionIfGiven(context.request().getParam("session"));
    Steering what = read.apply(body);
    body.refuseUnread();
    AtomicBoolean sent = new AtomicBoolean();
    Idempotency.begunIf(context, sent::get);
    return steering
        .steer(
            actor,
            new ExecutionSteering.Place(
                context.pathParam("execution"), context.pathParam("sandbox"), session),
            asking,
            what,
            () -> sent.set(true))
        .map(passage -> ExecutionRoutes.reply(context, passage, SteeringRoutes::sent));
  }

  static Answer.Reply sent(Done<BackgroundExecution> done) {
    return new Answer.Reply(
        200,
        new JsonObject()
            .put("id", done.verdict().id())
            .put("execution", done.result().id())
            .put("decision", Replies.decision(done.verdict()))
            .put("status", "sent"));
  }
}
