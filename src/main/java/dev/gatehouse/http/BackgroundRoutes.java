package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.gate.BackgroundExecution;
import dev.gatehouse.gate.BackgroundExecution.Cursor;
import dev.gatehouse.gate.BackgroundExecution.Output;
import dev.gatehouse.gate.BackgroundExecution.State.Ended;
import dev.gatehouse.gate.BackgroundExecution.State.Failed;
import dev.gatehouse.gate.BackgroundExecution.State.Running;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Ran;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /v1/executions/{id}}: executions that were started with {@code ?background=true}. */
final class BackgroundRoutes {
  private static final Pattern CURSOR = Pattern.compile("(\\d{1,9})-(\\d{1,9})");

  private final Gate gate;
  private final long stallMillis;

  /**
   * @param stallMillis how long a client who follows an execution may take for a piece
   */
  BackgroundRoutes(Gate gate, long stallMillis) {
    this.gate = gate;
    this.stallMillis = stallMillis;
  }

  void addTo(Router router) {
    router
        .get("/v1/executions/:id")
        .handler(context ->
            answer(
                context,
                gate::findExecution,
                execution -> status(execution, RequestId.of(context))));
    router
        .get("/v1/executions/:id/output")
        .handler(context -> {
          if (wantsEvents(context)) {
            follow(context);
            return;
          }
          Cursor cursor = cursor(context.request().getParam("cursor"));
          answer(
              context,
              gate::findExecution,
              execution -> output(execution.output(cursor, Integer.MAX_VALUE)));
        });
    router
        .delete("/v1/executions/:id")
        .handler(context ->
            answer(
                context,
                gate::cancelExecution,
                execution -> status(execution, RequestId.of(context))));
  }

  /** How one is looked up. */
  interface Search {
    BackgroundExecution find(Actor actor, String id, @Nullable String session);
  }

  private static void answer(
      RoutingContext context, Search search, Function<BackgroundExecution, JsonObject> body) {
    Answer.with(
        context,
        () ->
            Future.succeededFuture(new Answer.Reply(200, body.apply(execution(context, search)))));
  }

  private static BackgroundExecution execution(RoutingContext context, Search search) {
    Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
    String session = Fields.sessionIfGiven(context.request().getParam("session"));
    return search.find(actor, context.pathParam("id"), session);
  }

  /** Whether the caller wants server-sent events. */
  static boolean wantsEvents(RoutingContext context) {
    String accepted = String.valueOf(context.request().getHeader("Accept"));
    return accepted.toLowerCase(Locale.ROOT).contains("text/event-stream");
  }

  /** Follows the output from the cursor on, or from the last event that the client had. */
  private void follow(RoutingContext context) {
    BackgroundExecution execution = execution(context, gate::findExecution);
    String last = context.request().getHeader("Last-Event-ID");
    if (last != null && last.endsWith(OutputEvents.ENDED)) {
      cursor(last.substring(0, last.length() - OutputEvents.ENDED.length()));
      // It had the end: this tells a browser not to come again.
      context.response().setStatusCode(204).end();
      return;
    }
    Cursor cursor = cursor(last == null ? context.request().getParam("cursor") : last);
    new OutputEvents(
            context, execution, cursor, () -> status(execution, RequestId.of(context)), stallMillis)
        .begin();
  }

  /** The answer to a start. */
  static Answer.Reply begun(Done<BackgroundExecution> done) {
    return new Answer.Reply(201, running(done.result()));
  }

  /** How it stands, or how it ended. */
  static JsonObject status(BackgroundExecution execution, String requestId) {
    return switch (execution.state()) {
      case Running running -> running(execution);
      case Ended(Done<Ran> done) ->
          Replies.execution(done.verdict(), done.result(), done.timings())
              .put("startedAt", execution.startedAt().toString());
      case Failed(Throwable failure) ->
          running(execution)
              .put("status", "failed")
              .put("problem", Problem.body(Problem.of(failure, requestId)));
    };
  }

  private static JsonObject running(BackgroundExecution execution) {
    return new JsonObject()
        .put("id", execution.id())
        .put("decision", Replies.decision(execution.verdict()))
        .put("sandbox", Replies.place(execution.sandbox()))
        .put("status", "running")
        .put("startedAt", execution.startedAt().toString());
  }

  /** A cursor that a caller has; the beginning if none. */
  static Cursor cursor(@Nullable String text) {
    if (text == null) {
      return Cursor.START;
    }
    Matcher matcher = CURSOR.matcher(text);
    if (!matcher.matches()) {
      throw ApiException.of(
          422, "cursor.malformed", "cursor is not one that an earlier reply gave");
    }
    return new Cursor(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  private static JsonObject output(Output output) {
    Buffer stdout = output.ended() ? output.stdout() : Utf8Pieces.whole(output.stdout());
    Buffer stderr = output.ended() ? output.stderr() : Utf8Pieces.whole(output.stderr());
    Cursor start = output.start();
    Cursor next = new Cursor(start.stdout() + stdout.length(), start.stderr() + stderr.length());
    return new JsonObject()
        .put("stdout", stdout.toString(StandardCharsets.UTF_8))
        .put("stderr", stderr.toString(StandardCharsets.UTF_8))
        .put("cursor", text(next))
        .put("ended", output.ended());
  }

  /** A cursor as callers have it. */
  static String text(Cursor cursor) {
    return cursor.stdout() + "-" + cursor.stderr();
  }
}
