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
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /v1/executions/{id}}: executions that were started with {@code ?background=true}. */
final class BackgroundRoutes {
  private static final Pattern CURSOR = Pattern.compile("(\\d{1,9})-(\\d{1,9})");

  private final Gate gate;

  BackgroundRoutes(Gate gate) {
    this.gate = gate;
  }

  void addTo(Router router) {
    router
        .get("/v1/executions/:id")
        .handler(context ->
            answer(context, gate::findExecution, execution -> status(execution, context)));
    router
        .get("/v1/executions/:id/output")
        .handler(context -> {
          Cursor cursor = cursor(context.request().getParam("cursor"));
          answer(context, gate::findExecution, execution -> output(execution.output(cursor)));
        });
    router
        .delete("/v1/executions/:id")
        .handler(context ->
            answer(context, gate::cancelExecution, execution -> status(execution, context)));
  }

  /** How one is looked up. */
  private interface Search {
    BackgroundExecution find(Actor actor, String id, @Nullable String session);
  }

  private static void answer(
      RoutingContext context, Search search, Function<BackgroundExecution, JsonObject> body) {
    Answer.with(
        context,
        () -> {
          Actor actor = Authentication.require(context, Role.AGENT, Role.OPERATOR);
          String session = Fields.sessionIfGiven(context.request().getParam("session"));
          BackgroundExecution execution = search.find(actor, context.pathParam("id"), session);
          return Future.succeededFuture(new Answer.Reply(200, body.apply(execution)));
        });
  }

  /** The answer to a start. */
  static Answer.Reply begun(Done<BackgroundExecution> done) {
    return new Answer.Reply(201, running(done.result()));
  }

  private static JsonObject status(BackgroundExecution execution, RoutingContext context) {
    return switch (execution.state()) {
      case Running running -> running(execution);
      case Ended(Done<Ran> done) ->
          Replies.execution(done.verdict(), done.result(), done.timings())
              .put("startedAt", execution.startedAt().toString());
      case Failed(Throwable failure) ->
          running(execution)
              .put("status", "failed")
              .put("problem", Problem.body(Problem.of(failure, RequestId.of(context))));
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

  private static Cursor cursor(@Nullable String text) {
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
    Buffer stdout = whole(output.stdout(), output.ended());
    Buffer stderr = whole(output.stderr(), output.ended());
    int nextStdout = output.start().stdout() + stdout.length();
    int nextStderr = output.start().stderr() + stderr.length();
    return new JsonObject()
        .put("stdout", stdout.toString(StandardCharsets.UTF_8))
        .put("stderr", stderr.toString(StandardCharsets.UTF_8))
        .put("cursor", nextStdout + "-" + nextStderr)
        .put("ended", output.ended());
  }

  /** Without the beginning of a character whose rest may still come. */
  private static Buffer whole(Buffer bytes, boolean ended) {
    return ended ? bytes : bytes.getBuffer(0, bytes.length() - Utf8Pieces.unfinished(bytes));
  }
}
