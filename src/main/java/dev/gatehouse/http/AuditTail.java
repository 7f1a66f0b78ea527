package dev.gatehouse.http;

import dev.gatehouse.audit.AuditQuery;
import dev.gatehouse.audit.AuditReader;
import dev.gatehouse.audit.Cursor;
import dev.gatehouse.audit.EventFormat;
import dev.gatehouse.audit.StoredEvent;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches the log, by server-sent events. The id of each is a place from which the
 * client can go on after a break. Reads again only when the client has taken what was read.
 */
final class AuditTail {
  private static final long POLL_MILLIS = 250;
  private static final int BEAT_POLLS = 60;
  private static final int READ_LIMIT = 500;

  private final RoutingContext context;
  private final HttpServerResponse response;
  private final AuditReader reader;
  private final AuditQuery query;
  private Cursor cursor = new Cursor(java.util.Map.of());
  private int silentPolls;

  AuditTail(RoutingContext context, AuditReader reader, AuditQuery query) {
    this.context = context;
    this.response = context.response();
    this.reader = reader;
    this.query = query;
  }

  /**
   * Begins.
   *
   * @param after the id of the last event that the client saw; null for now
   */
  void start(@Nullable String after) {
    Future<Cursor> begin;
    try {
      begin = after == null ? reader.end() : Future.succeededFuture(Cursor.parse(after));
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "query.invalid", String.valueOf(e.getMessage()));
    }
    response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    begin.onComplete(
        at -> {
          cursor = at;
          response.write(": " + at + "\n\n").onComplete(begun -> poll(), gone -> response.reset());
        },
        context::fail);
  }

  private void poll() {
    if (response.closed() || response.ended()) {
      return;
    }
    reader
        .after(cursor, READ_LIMIT)
        .compose(this::send)
        .onComplete(
            more -> {
              if (more) {
                poll();
              } else {
                context.vertx().setTimer(POLL_MILLIS, id -> poll());
              }
            },
            failure -> response.reset());
  }

  private Future<Boolean> send(List<StoredEvent> events) {
    StringBuilder text = new StringBuilder();
    for (StoredEvent event : events) {
      cursor = cursor.with(event);
      if (AuditRoutes.matches(query, event)) {
        text.append("id: ").append(cursor).append("\nevent: audit\ndata: ");
        text.append(EventFormat.NDJSON.line(event)).append('\n');
      }
    }
    if (text.isEmpty() && ++silentPolls >= BEAT_POLLS) {
      text.append(": still here\n\n");
    }
    if (text.isEmpty()) {
      return Future.succeededFuture(!events.isEmpty());
    }
    silentPolls = 0;
    return response.write(text.toString()).map(!events.isEmpty());
  }
}
