package dev.gatehouse.http;

import dev.gatehouse.approval.EventCursor;
import dev.gatehouse.approval.Moved;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches questions, by server-sent events from the database, whichever server
 * moved them. The id of each is a place from which the client can go on after a break. Reads again
 * only when the client has taken what was read, so that a slow one costs no memory; one that takes
 * nothing for long is hung up on.
 */
final class ApprovalWatch {
  /** Most of one event loop. */
  private static final int MAX_WATCHERS = 100;

  private static final long POLL_MILLIS = 250;
  private static final int BEAT_POLLS = 60;

  /** Most that is read at once. */
  static final int READ_LIMIT = 200;

  private final RoutingContext context;
  private final HttpServerResponse response;
  private final PacedResponse paced;
  private final Events events;
  private final AtomicInteger watchers;
  private EventCursor cursor = new EventCursor(0, 0);
  private int silentPolls;

  /** What there is to see. */
  interface Events {
    /** Where they end now. */
    Future<EventCursor> end();

    /** The next ones, at most {@link #READ_LIMIT}. */
    Future<List<Moved>> after(EventCursor place);
  }

  /**
   * Sends nothing yet.
   *
   * @param watchers how many there are on this event loop
   * @param millis within which the client must take each piece
   */
  ApprovalWatch(RoutingContext context, Events events, AtomicInteger watchers, long millis) {
    this.context = context;
    this.response = context.response();
    this.paced = new PacedResponse(context.vertx(), context.request(), millis);
    this.events = events;
    this.watchers = watchers;
  }

  /**
   * Begins.
   *
   * @param after the id of the last event that the client saw; null for now
   */
  void start(@Nullable String after) {
    Future<EventCursor> begin;
    try {
      begin = after == null ? events.end() : Future.succeededFuture(EventCursor.parse(after));
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "query.invalid", String.valueOf(e.getMessage()));
    }
    if (watchers.incrementAndGet() > MAX_WATCHERS) {
      watchers.decrementAndGet();
      throw ApiException.retryable(429, "approvals.watchers", "too many watch already", 10);
    }
    context.addEndHandler(ended -> watchers.decrementAndGet());
    response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    begin.onComplete(
        at -> {
          cursor = at;
          paced
              .write(Buffer.buffer("id: " + at + "\n: from here on\n\n"))
              .onComplete(begun -> poll(), gone -> response.reset());
        },
        context::fail);
  }

  private void poll() {
    if (response.closed() || response.ended()) {
      return;
    }
    events
        .after(cursor)
        .compose(this::send)
        .onComplete(
            more -> {
              if (more) {
                poll();
              } else {
                context.vertx().setTimer(POLL_MILLIS, id -> poll());
              }
            },
            failure -> {
              if (!response.ended()) {
                response.reset();
              }
            });
  }

  private Future<Boolean> send(List<Moved> moves) {
    StringBuilder text = new StringBuilder();
    for (Moved moved : moves) {
      cursor = moved.event().cursor();
      text.append("id: ").append(cursor).append("\nevent: ").append(moved.event().kind());
      text.append("\ndata: ").append(data(moved).encode()).append("\n\n");
    }
    if (text.isEmpty() && ++silentPolls >= BEAT_POLLS) {
      text.append(": still here\n\n");
    }
    if (text.isEmpty()) {
      return Future.succeededFuture(false);
    }
    silentPolls = 0;
    return paced.write(Buffer.buffer(text.toString())).map(moves.size() == READ_LIMIT);
  }

  /** An event as those see it who watch. */
  static JsonObject data(Moved moved) {
    return new JsonObject()
        .put("event", moved.event().kind())
        .put("at", moved.event().at().toString())
        .put("by", moved.event().by())
        .put("state", moved.event().state().word())
        .put("approval", Replies.approval(moved.approval()));
  }
}
