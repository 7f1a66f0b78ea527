package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.WebSocketSettings;
import dev.gatehouse.gate.AllowanceException;
import dev.gatehouse.gate.BackgroundExecution;
import dev.gatehouse.gate.Key;
import dev.gatehouse.gate.Verdict;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of {@code /v1/ws}: says who it is, asks, and is answered in any order. A bad frame
 * spoils no other; what breaks the protocol, or a limit that guards others, ends the connection
 * with a {@link SocketClose}. While the client takes nothing, nothing more is read from it.
 *
 * <p>Confined to its event loop.
 */
final class SocketConnection {
  private static final Logger LOGGER = LoggerFactory.getLogger(SocketConnection.class);

  /** Longest message of somebody who has not said who he is: the longest token has room. */
  private static final int MAX_FIRST_BYTES = 8 << 10;

  /** A client that reads on within this time sees why it ends. */
  private static final long GOODBYE_MILLIS = 5_000;

  /** Answers to pings that may wait for a client who takes nothing. */
  private static final int MAX_UNTAKEN_PONGS = 1_000;

  /** So many pings without any sign of life are enough. */
  private static final int SILENT_PINGS = 3;

  private final SocketServices services;
  private final WebSocketSettings settings;
  private final ServerWebSocket socket;
  private final String requestId;
  private final String caller;
  private final SocketOutput output;
  private final SocketStreams streams;
  private final SocketTurns turns;
  private final SocketRequests requests;
  private final SocketIdentity identity;
  private final Promise<Void> gone = Promise.promise();
  private final Map<BackgroundExecution, Runnable> cancelledWhenGone = new HashMap<>(0);
  private final long openedNanos = System.nanoTime();
  private long heardNanos = openedNanos;
  private long pingedNanos = openedNanos;
  private long askedNanos = openedNanos;
  private @Nullable Buffer begun;
  private long begunNanos;
  private int untakenPongs;
  private boolean paused;
  private boolean held;
  private boolean draining;
  private boolean closing;
  private boolean closed;

  SocketConnection(
      SocketServices services,
      ServerWebSocket socket,
      Channel channel,
      String requestId,
      String caller) {
    this.services = services;
    this.settings = services.settings();
    this.socket = socket;
    this.requestId = requestId;
    this.caller = caller;
    this.output =
        new SocketOutput(channel, services.loop(), settings.sendBufferBytes(), this::drained);
    this.streams = new SocketStreams(settings, output, services.loop());
    this.turns = new SocketTurns(services.loop(), output::isFull);
    this.requests = new SocketRequests(settings);
    this.identity = new SocketIdentity(services, this);
  }

  /**
   * Begins.
   *
   * @param known who it is, if the request's header said so; is counted already, as a stranger is
   */
  void begin(@Nullable Key known) {
    socket.frameHandler(this::frame);
    socket.exceptionHandler(this::broken);
    socket.closeHandler(over -> closed());
    output.text(SocketHello.of(settings, known == null ? null : known.actor()));
    output.flushSoon();
    if (known != null) {
      identity.is(known);
    }
  }

  /** What came is no frame, or too long a one; the connection is closed behind this. */
  private void broken(Throwable failure) {
    LOGGER.debug("a WebSocket failed", failure);
    if (failure instanceof CorruptedWebSocketFrameException bad) {
      WebSocketCloseStatus status = bad.closeStatus();
      if (status.equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)) {
        output.close(SocketClose.TOO_LARGE);
      } else if (status.equals(WebSocketCloseStatus.INVALID_PAYLOAD_DATA)) {
        output.close(SocketClose.NOT_UTF8);
      } else {
        output.close(SocketClose.PROTOCOL);
      }
    }
  }

  private void frame(WebSocketFrame frame) {
    heardNanos = System.nanoTime();
    if (closing) {
      return;
    }
    switch (frame.type()) {
      case TEXT, CONTINUATION -> part(frame.binaryData(), frame.isFinal());
      case BINARY -> close(SocketClose.BINARY);
      case PING -> answered();
      case PONG, CLOSE -> {}
    }
    pace();
  }

  /** Vert.x answers each ping, whether or not the client reads. */
  private void answered() {
    if (output.isTaken()) {
      untakenPongs = 0;
    } else if (++untakenPongs > MAX_UNTAKEN_PONGS) {
      output.hangUp();
    }
  }

  /** A message may come in several frames. */
  private void part(Buffer bytes, boolean last) {
    Buffer before = begun;
    int length = bytes.length() + (before == null ? 0 : before.length());
    if (length > (identity.isUnknown() ? MAX_FIRST_BYTES : settings.maxMessageBytes())) {
      close(SocketClose.TOO_LARGE);
      return;
    }
    Buffer all = before == null ? bytes : before.appendBuffer(bytes);
    if (last) {
      begun = null;
      message(all);
    } else {
      if (before == null) {
        begunNanos = heardNanos;
      }
      // The frame's own buffer may have no room.
      begun = before == null ? Buffer.buffer().appendBuffer(bytes) : all;
    }
  }

  private void message(Buffer bytes) {
    if (identity.isUnknown()) {
      identity.introduce(bytes);
      return;
    }
    if (identity.endIfRemoved()) {
      return;
    }
    askedNanos = heardNanos;
    try {
      JsonBody body = JsonBody.parse(bytes);
      String type = body.text("type", Fields.MAX_NAME_BYTES);
      switch (type) {
        case "auth" -> identity.introduceAgain(body);
        case "credit" -> streams.grant(body);
        default -> ask(actor(), type, SocketFrames.id(body), body, bytes.length());
      }
    } catch (ApiException e) {
      error(e);
      if (JsonBody.isNoText(e)) {
        close(SocketClose.NOT_UTF8);
      }
    }
  }

  private void ask(Actor known, String type, String id, JsonBody body, int length) {
    try {
      requests.begin(id, length);
    } catch (ApiException e) {
      if (e.status() == 409) {
        // With its id this would be taken for the reply to the other one.
        throw e;
      }
      failed(id, e);
      return;
    }
    AllowanceException refusal = services.allowances().request(known);
    services.allowances().moved(known, length);
    if (refusal != null) {
      failed(id, refusal);
      return;
    }
    if (!type.equals("decide")) {
      Future.succeededFuture()
          .compose(started -> services.verbs().answer(this, type, id, body))
          .onComplete(reply -> replied(id, reply), failure -> failed(id, failure));
      return;
    }
    try {
      Authentication.require(known, Role.AGENT);
      services
          .decisions()
          .add(
              new DecisionAsker(id),
              Fields.action(known, body, services.limits(), SocketFrames.trace(body)));
    } catch (ApiException e) {
      failed(id, e);
    }
  }

  /** Tells who it is, now that this is known. */
  void welcome(Actor known) {
    output.text(SocketHello.welcome(known));
    output.flushSoon();
    if (draining) {
      drain();
    }
  }

  /** Reads nothing more until {@link #readOn}. */
  void holdReading() {
    held = true;
    socket.pause();
  }

  void readOn() {
    held = false;
    if (!paused) {
      heardNanos = System.nanoTime();
      begunNanos = heardNanos;
      socket.resume();
    }
  }

  /** Who it is, as it last said. */
  Actor actor() {
    return identity.known().actor();
  }

  SocketStreams streams() {
    return streams;
  }

  /** In whose order it is answered from what is known. */
  SocketTurns turns() {
    return turns;
  }

  /** What its problems and the server's log call it. */
  String requestId() {
    return requestId;
  }

  /** The address of the client. */
  String caller() {
    return caller;
  }

  /** Completes when it ends. */
  Future<Void> gone() {
    return gone.future();
  }

  boolean isClosing() {
    return closing || closed;
  }

  /** Has an execution cancelled when the connection ends, or now if it did. */
  void cancelWhenGone(BackgroundExecution execution, Runnable cancel) {
    if (isClosing()) {
      cancel.run();
      return;
    }
    cancelledWhenGone
        .keySet()
        .removeIf(other -> !(other.state() instanceof BackgroundExecution.State.Running));
    cancelledWhenGone.put(execution, cancel);
  }

  /** Tells that a person is asked before the reply can come. */
  void asked(String id, JsonObject waiting) {
    output.text(SocketFrames.asked(id, waiting));
    output.flushSoon();
  }

  /** A request for a decision. What several of one turn are answered leaves in one write. */
  private final class DecisionAsker implements DecisionTurns.Asker {
    private final String id;

    DecisionAsker(String id) {
      this.id = id;
    }

    @Override
    public void decided(Verdict verdict, AnswerBytes decision, long recordNanos) {
      requests.end(id);
      output.text(SocketFrames.decided(id), decision, SocketFrames.DECIDED_END);
    }

    @Override
    public void failed(Throwable cause) {
      SocketConnection.this.failed(id, cause);
    }

    @Override
    public void flush() {
      output.flush();
      pace();
    }
  }

  private void replied(String id, SocketReply reply) {
    requests.end(id);
    output.text(SocketFrames.reply(id, reply));
    output.flushSoon();
  }

  /** Answers a request with a problem. */
  void failed(String id, Throwable failure) {
    requests.end(id);
    ApiException problem = Problem.of(failure, requestId);
    JsonObject body = Problem.body(problem).put("requestId", requestId);
    if (problem.retryAfterSeconds() != null) {
      body.put("retryAfterSeconds", problem.retryAfterSeconds());
    }
    output.text(SocketFrames.reply(id, SocketReply.of(new Answer.Reply(problem.status(), body))));
    output.flushSoon();
  }

  /** Tells what is wrong with a frame that is no request. */
  void error(ApiException problem) {
    output.text(SocketFrames.error(problem));
    output.flushSoon();
  }

  /** While the client does not take what it is sent, nothing is read from it. */
  private void pace() {
    if (!output.isFull() || paused || closing) {
      return;
    }
    // What only waits for the end of the turn is not what the client does not take.
    output.flush();
    if (output.isFull()) {
      paused = true;
      socket.pause();
    }
  }

  private void drained() {
    if (paused) {
      paused = false;
      heardNanos = System.nanoTime();
      begunNanos = heardNanos;
      if (!held) {
        socket.resume();
      }
    }
    streams.pump();
    turns.goOn();
  }

  /** Looks at the clock; to be called now and then. */
  void sweep(long nowNanos) {
    if (closing) {
      return;
    }
    if (output.stalledMillis(nowNanos) > settings.stallMillis()) {
      close(SocketClose.SLOW);
    } else if (identity.isUnknown()
        && since(openedNanos, nowNanos) > settings.authTimeoutMillis()) {
      close(SocketClose.AUTHENTICATION_TIMEOUT);
    } else if (!paused
        && since(heardNanos, nowNanos) > (long) SILENT_PINGS * settings.pingMillis()) {
      close(SocketClose.SILENT);
    } else if (begun != null
        && !paused
        && !held
        && since(begunNanos, nowNanos) > settings.stallMillis()) {
      close(SocketClose.UNFINISHED);
    } else if (!requests.isEmpty() || !streams.isEmpty()) {
      askedNanos = nowNanos;
    } else if (since(askedNanos, nowNanos) > settings.idleMillis()) {
      close(SocketClose.IDLE);
    }
    if (!closing && since(pingedNanos, nowNanos) >= settings.pingMillis()) {
      pingedNanos = nowNanos;
      output.ping();
      output.flushSoon();
    }
  }

  private static long since(long thenNanos, long nowNanos) {
    return TimeUnit.NANOSECONDS.toMillis(nowNanos - thenNanos);
  }

  /** Tells that the server drains, and from where what is followed can be followed on. */
  void drain() {
    draining = true;
    if (!identity.isUnknown() && !closing) {
      output.text(SocketFrames.draining(streams.places()));
      output.flushSoon();
    }
  }

  /** Whether nothing is under way that ends by itself. */
  boolean isQuiet() {
    return closing || (requests.isEmpty() && !streams.haveEndsToCome());
  }

  /** Ends it; says why, if the client reads on soon. */
  void close(SocketClose why) {
    if (closing) {
      return;
    }
    if (why == SocketClose.SERVER_STOPS) {
      drain();
    }
    output.end();
    socket.close(why.code(), why.reason());
    // Else its own close frame would not be seen.
    socket.resume();
    leave();
    services.vertx().setTimer(GOODBYE_MILLIS, late -> output.hangUp());
  }

  private void closed() {
    closed = true;
    if (!closing) {
      output.end();
      leave();
    }
    services.left(this);
  }

  /** What only it waited for ends, as when somebody hangs up over HTTP. */
  private void leave() {
    closing = true;
    identity.leave();
    streams.stopAll();
    turns.clear();
    cancelledWhenGone.values().forEach(Runnable::run);
    cancelledWhenGone.clear();
    gone.complete();
  }
}
