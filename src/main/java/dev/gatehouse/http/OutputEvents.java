package dev.gatehouse.http;

import dev.gatehouse.gate.BackgroundExecution;
import dev.gatehouse.gate.BackgroundExecution.Cursor;
import dev.gatehouse.gate.BackgroundExecution.Output;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * One client that follows a background execution's output by server-sent events: {@code stdout} and
 * {@code stderr} with the {@code text} of a piece, at last {@code end} with how it ended. Each has
 * the cursor behind it as its id, with which a client who lost the connection goes on.
 *
 * <p>Reads on only when the client has taken what was read, so that a slow one holds one piece; one
 * that takes none for long is hung up on. Confined to the request's event loop, but for being
 * woken.
 */
final class OutputEvents {
  /** What the last event's id ends with. */
  static final String ENDED = "-end";

  private static final int PIECE_BYTES = 64 << 10;
  private static final long BEAT_MILLIS = 15_000;

  private final RoutingContext context;
  private final HttpServerResponse response;
  private final PacedResponse paced;
  private final BackgroundExecution execution;
  private final Supplier<JsonObject> end;
  private final Context loop;
  private final Runnable watcher = this::wake;
  private Cursor place;
  private boolean busy;
  private boolean news;

  /**
   * @param end how the execution stands, asked when it has ended
   * @param millis how long a client may take for a piece
   */
  OutputEvents(
      RoutingContext context,
      BackgroundExecution execution,
      Cursor from,
      Supplier<JsonObject> end,
      long millis) {
    this.context = context;
    this.response = context.response();
    this.paced = new PacedResponse(context.vertx(), context.request(), millis);
    this.execution = execution;
    this.place = from;
    this.end = end;
    this.loop = context.vertx().getOrCreateContext();
  }

  /** Begins, unless too many follow it already. */
  void begin() {
    if (!execution.watch(watcher)) {
      throw tooManyWatch();
    }
    long beat = context.vertx().setPeriodic(BEAT_MILLIS, id -> beat());
    context.addEndHandler(over -> {
      context.vertx().cancelTimer(beat);
      execution.unwatch(watcher);
    });
    OpenCalls.endEventsWithKey(context);
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    // An id without data: a client that loses the connection before the first event loses nothing.
    news = true;
    write("id: " + BackgroundRoutes.text(place) + "\n\n");
  }

  static ApiException tooManyWatch() {
    return ApiException.retryable(
        429,
        "execution.watched",
        BackgroundExecution.MAX_WATCHERS + " clients follow this execution already",
        5);
  }

  private void wake() {
    loop.runOnContext(ignored -> {
      news = true;
      next();
    });
  }

  private void beat() {
    if (!busy) {
      write(": still here\n\n");
    }
  }

  private void next() {
    if (busy || !news || response.closed() || response.ended()) {
      return;
    }
    Output output = execution.output(place, PIECE_BYTES);
    // Where a piece is full there is more, of which nobody will tell again.
    news = isFull(output.stdout()) || isFull(output.stderr());
    boolean last = output.ended() && !news;
    StringBuilder text = new StringBuilder();
    Buffer stdout = last ? output.stdout() : Utf8Pieces.whole(output.stdout());
    Buffer stderr = last ? output.stderr() : Utf8Pieces.whole(output.stderr());
    place = new Cursor(place.stdout() + stdout.length(), place.stderr());
    add(text, "stdout", stdout);
    place = new Cursor(place.stdout(), place.stderr() + stderr.length());
    add(text, "stderr", stderr);
    if (last) {
      String id = BackgroundRoutes.text(place) + ENDED;
      response.end(text + event(id, "end", end.get()));
    } else if (!text.isEmpty()) {
      write(text.toString());
    }
  }

  private static boolean isFull(Buffer piece) {
    return piece.length() == PIECE_BYTES;
  }

  private void add(StringBuilder text, String stream, Buffer bytes) {
    if (bytes.length() > 0) {
      JsonObject data = new JsonObject().put("text", bytes.toString(StandardCharsets.UTF_8));
      text.append(event(BackgroundRoutes.text(place), stream, data));
    }
  }

  private static String event(String id, String type, JsonObject data) {
    JsonObject typed = new JsonObject().put("type", type).mergeIn(data);
    return "id: " + id + "\nevent: " + type + "\ndata: " + typed.encode() + "\n\n";
  }

  private void write(String text) {
    busy = true;
    Future<Void> taken = paced.write(Buffer.buffer(text, StandardCharsets.UTF_8.name()));
    taken.onComplete(
        done -> {
          busy = false;
          next();
        },
        gone -> response.reset());
  }
}
