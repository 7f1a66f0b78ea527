package dev.gatehouse.http;

import dev.gatehouse.audit.Ahead;
import dev.gatehouse.audit.Cursor;
import dev.gatehouse.audit.EventFormat;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/** By server-sent events; the id of each is its place. */
final class EventStreamWatcher implements Watcher {
  private final HttpServerRequest request;
  private final HttpServerResponse response;

  EventStreamWatcher(HttpServerRequest request) {
    this.request = request;
    this.response = request.response();
  }

  @Override
  public Future<Void> begin(Cursor at) {
    response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    // An id without data: a client that loses the connection before the first event loses nothing.
    return response.write("id: " + at + "\n\n");
  }

  @Override
  public Future<Void> show(List<Ahead.Seen> events) {
    StringBuilder text = new StringBuilder();
    for (Ahead.Seen seen : events) {
      text.append("id: ").append(seen.place()).append("\nevent: audit\ndata: ");
      text.append(EventFormat.NDJSON.line(seen.event())).append('\n');
    }
    return response.write(text.toString());
  }

  @Override
  public Future<Void> beat() {
    return response.write(": still here\n\n");
  }

  @Override
  public boolean isGone() {
    return response.closed() || response.ended();
  }

  @Override
  public void drop() {
    HangUp.on(request);
  }
}
