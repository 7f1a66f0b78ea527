package dev.gatehouse.http;

import dev.gatehouse.gate.BackgroundExecution;
import dev.gatehouse.gate.BackgroundExecution.Cursor;
import dev.gatehouse.gate.BackgroundExecution.Output;
import dev.gatehouse.http.SocketFrames.Kind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * The output of one execution on its way to one client: read from the execution's own log as far as
 * the client's credit goes, so that a slow one costs nothing and misses nothing.
 */
final class SocketFollow implements SocketStream {
  private static final int PIECE_BYTES = 16 << 10;

  private final int number;
  private final SocketStreams streams;
  private final BackgroundExecution execution;
  private final SocketCredit credit;
  private final String requestId;
  private final Runnable watcher;
  private Cursor place;

  private SocketFollow(
      int number,
      SocketStreams streams,
      BackgroundExecution execution,
      Cursor from,
      SocketCredit credit,
      String requestId) {
    this.number = number;
    this.streams = streams;
    this.execution = execution;
    this.place = from;
    this.credit = credit;
    this.requestId = requestId;
    this.watcher = streams::wake;
  }

  /** Begins, unless too many follow the execution already. */
  static void open(
      int number,
      SocketStreams streams,
      BackgroundExecution execution,
      Cursor from,
      SocketCredit credit,
      String requestId) {
    SocketFollow follow = new SocketFollow(number, streams, execution, from, credit, requestId);
    if (!execution.watch(follow.watcher)) {
      throw OutputEvents.tooManyWatch();
    }
    streams.open(number, follow);
  }

  @Override
  public SocketCredit credit() {
    return credit;
  }

  @Override
  public String place() {
    return BackgroundRoutes.text(place);
  }

  @Override
  public boolean ends() {
    return true;
  }

  @Override
  public boolean pump() {
    long allowed = streams.allowance(credit);
    // One byte at least, to see whether there is more.
    int most = Math.clamp(allowed, 1, PIECE_BYTES);
    Output output = execution.output(place, most);
    Buffer stdout = output.stdout();
    Buffer stderr = output.stderr();
    if (stdout.length() + stderr.length() == 0) {
      if (output.ended()) {
        end();
      }
      return false;
    }
    if (allowed == 0) {
      return false;
    }
    stderr = stderr.slice(0, Math.min(stderr.length(), most - stdout.length()));
    send(Kind.STDOUT, place.stdout(), stdout);
    send(Kind.STDERR, place.stderr(), stderr);
    place = new Cursor(place.stdout() + stdout.length(), place.stderr() + stderr.length());
    return true;
  }

  private void send(Kind kind, long offset, Buffer bytes) {
    if (bytes.length() > 0) {
      streams.send(credit, SocketFrames.outputHeader(number, kind, offset), bytes);
    }
  }

  private void end() {
    execution.unwatch(watcher);
    JsonObject status = BackgroundRoutes.status(execution, requestId);
    // It was sent already, piece by piece.
    status.remove("stdout");
    status.remove("stderr");
    JsonObject frame =
        new JsonObject()
            .put("type", "end")
            .put("stream", number)
            .put("cursor", BackgroundRoutes.text(place))
            .put("body", status);
    streams.end(number, frame.toBuffer());
  }

  @Override
  public void stop() {
    execution.unwatch(watcher);
  }
}
