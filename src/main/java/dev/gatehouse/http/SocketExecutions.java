package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Asking;
import dev.gatehouse.gate.BackgroundExecution;
import dev.gatehouse.gate.BackgroundExecution.Cursor;
import dev.gatehouse.gate.ExecutionOrder;
import dev.gatehouse.gate.ExecutionSteering;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.Passage;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.UnknownExecutionException;
import dev.gatehouse.sandbox.Steering;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a WebSocket does about executions, by the same gate as over HTTP. */
final class SocketExecutions {
  private final Gate gate;
  private final ExecutionSteering steering;
  private final SocketIdempotency idempotency;
  private final Configuration configuration;

  SocketExecutions(Gate gate, SocketIdempotency idempotency, Configuration configuration) {
    this.gate = gate;
    this.idempotency = idempotency;
    this.steering = gate.steering();
    this.configuration = configuration;
  }

  /** Starts one in the background, and follows it. */
  Future<SocketReply> execute(SocketConnection by, String id, JsonBody body) {
    Actor actor = Authentication.require(by.actor(), Role.AGENT);
    SocketIdempotency.Wish wish = SocketIdempotency.wish(body);
    String sandbox = body.text("sandbox", Fields.MAX_NAME_BYTES, "");
    boolean detached = body.flag("detach", true);
    Asking asking = asking(by, id, body);
    SocketCredit credit = by.streams().creditOf(body);
    String trace = SocketFrames.trace(body);
    ExecutionOrder order = Fields.order(body, configuration, sandbox.isEmpty(), trace);
    // Before anything runs, so that nothing runs that cannot be followed.
    int stream = by.streams().reserve();
    return idempotency
        .once(
            actor,
            wish,
            () ->
                (sandbox.isEmpty()
                        ? gate.start(actor, order, asking)
                        : gate.startIn(actor, sandbox, order, asking))
                    .map(passage -> begun(by, actor, passage, detached)),
            Idempotency::isKept,
            () -> false)
        .map(reply -> followed(by, actor, reply, stream, credit))
        .onComplete(opened -> by.streams().release(stream));
  }

  private Answer.Reply begun(
      SocketConnection by, Actor actor, Passage<BackgroundExecution> passage, boolean detached) {
    if (!detached && passage instanceof Done<BackgroundExecution> done) {
      by.cancelWhenGone(done.result(), () -> gate.cancelExecution(actor, done.result().id(), null));
    }
    return ExecutionRoutes.reply(by.requestId(), passage, BackgroundRoutes::begun);
  }

  /** Follows what was begun, now or by an earlier request, from its beginning, if it is known. */
  private SocketReply followed(
      SocketConnection by, Actor actor, SocketReply reply, int stream, SocketCredit credit) {
    if (reply.reply().status() != 201 || by.isClosing()) {
      return reply;
    }
    BackgroundExecution execution;
    try {
      execution = gate.findExecution(actor, reply.reply().body().getString("id"), null);
    } catch (UnknownExecutionException e) {
      return reply;
    }
    try {
      SocketFollow.open(stream, by.streams(), execution, Cursor.START, credit, by.requestId());
    } catch (ApiException e) {
      // As many follow it as may: what was begun was begun all the same.
      return reply;
    }
    return reply.with(stream);
  }

  /** Follows one from a cursor on. */
  Future<SocketReply> follow(SocketConnection by, JsonBody body) {
    SocketCredit credit = by.streams().creditOf(body);
    String text = body.text("cursor", Fields.MAX_NAME_BYTES, "");
    Cursor cursor = BackgroundRoutes.cursor(text.isEmpty() ? null : text);
    BackgroundExecution execution = find(by, body, gate::findExecution);
    int stream = by.streams().reserve();
    try {
      SocketFollow.open(stream, by.streams(), execution, cursor, credit, by.requestId());
    } finally {
      by.streams().release(stream);
    }
    return Future.succeededFuture(new SocketReply(status(by, execution), stream));
  }

  /** Tells how one stands. */
  Future<SocketReply> find(SocketConnection by, JsonBody body) {
    return Future.succeededFuture(SocketReply.of(status(by, find(by, body, gate::findExecution))));
  }

  Future<SocketReply> cancel(SocketConnection by, JsonBody body) {
    return Future.succeededFuture(
        SocketReply.of(status(by, find(by, body, gate::cancelExecution))));
  }

  private static Answer.Reply status(SocketConnection by, BackgroundExecution execution) {
    return new Answer.Reply(200, BackgroundRoutes.status(execution, by.requestId()));
  }

  private static BackgroundExecution find(
      SocketConnection by, JsonBody body, BackgroundRoutes.Search search) {
    Actor actor = Authentication.require(by.actor(), Role.AGENT, Role.OPERATOR);
    String execution = body.text("execution", Fields.MAX_NAME_BYTES);
    String session = Fields.sessionIfGiven(body);
    body.refuseUnread();
    return search.find(actor, execution, session);
  }

  /** Sends input, a signal or a terminal's size. */
  Future<SocketReply> steer(
      SocketConnection by, String id, JsonBody body, Function<JsonBody, Steering> read) {
    Actor actor = Authentication.require(by.actor(), Role.AGENT);
    Asking asking = asking(by, id, body);
    ExecutionSteering.Place place =
        new ExecutionSteering.Place(
            body.text("execution", Fields.MAX_NAME_BYTES),
            ifGiven(body, "sandbox"),
            Fields.sessionIfGiven(body));
    SocketIdempotency.Wish wish = SocketIdempotency.wish(body);
    Steering what = read.apply(body);
    body.refuseUnread();
    AtomicBoolean sent = new AtomicBoolean();
    return idempotency.once(
        actor,
        wish,
        () ->
            steering
                .steer(actor, place, asking, what, () -> sent.set(true))
                .map(passage ->
                    ExecutionRoutes.reply(by.requestId(), passage, SteeringRoutes::sent)),
        Idempotency::isKept,
        sent::get);
  }

  private static @Nullable String ifGiven(JsonBody body, String field) {
    String text = body.text(field, Fields.MAX_NAME_BYTES, "");
    return text.isEmpty() ? null : text;
  }

  /** What an agent wants where a person must be asked. */
  private static Asking asking(SocketConnection by, String id, JsonBody body) {
    String approval = body.text("approval", Fields.MAX_NAME_BYTES, "");
    if (!approval.isEmpty() && !Fields.isName(approval)) {
      throw ApiException.of(422, "field.malformed", "approval is no id");
    }
    return new Asking(
        approval.isEmpty() ? null : approval,
        body.wholeNumber("waitMs", 0, Preferences.MAX_WAIT_MILLIS, 0),
        body.flag("respondAsync"),
        by.gone(),
        (verdict, question) -> by.asked(id, Replies.waiting(verdict, question)));
  }
}
