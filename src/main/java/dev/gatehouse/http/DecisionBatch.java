package dev.gatehouse.http;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.gate.AllowanceException;
import dev.gatehouse.gate.DrainingException;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.Verdict;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One {@code POST /v1/decisions:batch}: NDJSON in, NDJSON out, a line for each line, in order,
 * while the request still arrives. A bad line is answered by its own error and spoils no other.
 *
 * <p>The lines of one read are classified together and recorded in one commit; their answers leave
 * after it, and the next read waits for that: memory is bounded by one read and one line. Where the
 * actor may have no more decisions now, the lines wait, and the client with them; where that would
 * be long, each is refused. Who lets the server wait for the end of a line is hung up on in the
 * end.
 */
final class DecisionBatch {
  /** How often, in the time that a line has, it is looked whether one came. */
  private static final int LOOKS = 4;

  /** About what an answer takes. */
  private static final int LINE_BYTES = 400;

  private final Vertx vertx;
  private final Gate gate;
  private final Actor actor;
  private final DecisionWriter writer;
  private final Function<JsonBody, Action> action;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final LineSplitter lines;
  private final long lineMillis;

  private List<@Nullable ApiException> faults = new ArrayList<>();
  private List<Action> actions = new ArrayList<>();
  private Future<Void> answered = Future.succeededFuture();
  private long heardNanos = System.nanoTime();

  /**
   * @param action reads one line, as the actor's
   * @param lineMillis how long the next line may take to come whole
   */
  DecisionBatch(
      Vertx vertx,
      Gate gate,
      Actor actor,
      DecisionWriter writer,
      Function<JsonBody, Action> action,
      HttpServerRequest request,
      int maxLineBytes,
      long lineMillis) {
    this.vertx = vertx;
    this.gate = gate;
    this.actor = actor;
    this.writer = writer;
    this.action = action;
    this.request = request;
    this.response = request.response();
    this.lines = new LineSplitter(maxLineBytes);
    this.lineMillis = lineMillis;
  }

  void start() {
    response.setChunked(true).putHeader("Content-Type", "application/x-ndjson");
    long timer = vertx.setPeriodic(Math.max(1, lineMillis / LOOKS), look -> look());
    request.handler(chunk -> {
      lines.accept(chunk, this::read);
      answer();
    });
    request.endHandler(ended -> {
      vertx.cancelTimer(timer);
      lines.finish(this::read);
      answer();
      answered.onComplete(done -> response.end());
    });
    request.exceptionHandler(failure -> {
      vertx.cancelTimer(timer);
      response.reset();
    });
    request.resume();
  }

  private void look() {
    long silentMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos);
    if (!answered.isComplete() || silentMillis <= lineMillis || response.ended()) {
      return;
    }
    ApiException problem =
        ApiException.of(408, "body.too-slow", "a line took longer than " + lineMillis + " ms");
    response.end(Problem.body(problem).encode() + "\n");
    HangUp.behindAnswer(request);
  }

  private void read(@Nullable Buffer line) {
    heardNanos = System.nanoTime();
    try {
      if (line == null) {
        throw ApiException.of(413, "line.too-long", "the line is too long");
      }
      actions.add(action.apply(JsonBody.parse(line)));
      faults.add(null);
    } catch (ApiException e) {
      faults.add(e);
    }
  }

  private void answer() {
    if (faults.isEmpty()) {
      return;
    }
    List<@Nullable ApiException> readFaults = faults;
    List<Action> readActions = actions;
    faults = new ArrayList<>(readFaults.size());
    actions = new ArrayList<>(readActions.size());
    Future<List<Verdict>> decided =
        admitted(readActions.size()).compose(admitted -> gate.decideAll(readActions));
    if (!decided.isComplete() || response.writeQueueFull()) {
      request.pause();
    }
    answered =
        answered
            .compose(before -> decided.transform(result -> write(readFaults, result)))
            .onComplete(written -> {
              heardNanos = System.nanoTime();
              request.resume();
            });
  }

  /** Completes when the actor may have so many decisions; fails where that would take too long. */
  private Future<?> admitted(int count) {
    try {
      long waitNanos = gate.admit(actor, count);
      return waitNanos == 0
          ? Future.succeededFuture()
          : vertx.timer(TimeUnit.NANOSECONDS.toMillis(waitNanos) + 1);
    } catch (AllowanceException | DrainingException e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Void> write(
      List<@Nullable ApiException> readFaults, AsyncResult<List<Verdict>> decided) {
    AnswerBytes out = new AnswerBytes(readFaults.size() * LINE_BYTES);
    int next = 0;
    for (ApiException fault : readFaults) {
      if (fault != null) {
        out.add(Problem.body(fault).toBuffer().getBytes());
      } else if (decided.succeeded()) {
        writer.append(out, decided.result().get(next++));
      } else {
        out.add(Problem.body(Problem.of(decided.cause(), "-")).toBuffer().getBytes());
      }
      out.add('\n');
    }
    return response.write(out.give());
  }
}
