package dev.gatehouse.http;

import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.ExecutionFollower.Stream;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * An execution's reply as NDJSON while it runs: {@code {"type":"stdout"|"stderr","text"}} for each
 * piece, at last {@code {"type":"end"}} with what the plain reply says, after the outcome is
 * committed; as server-sent events of the same data where the caller accepts those. Before the
 * first output the reply is still a plain one, with its status, so that a refusal is a refusal.
 * What may wait here is bounded by the output's cap.
 *
 * <p>Confined to the request's event loop, but for what {@link #follower()} hears.
 */
final class ExecutionStream {
  private static final CharSequence NDJSON = HttpHeaders.createOptimized("application/x-ndjson");

  private static final CharSequence EVENTS = HttpHeaders.createOptimized("text/event-stream");

  private final RoutingContext context;
  private final HttpServerResponse response;
  private final Context loop;
  private final boolean events;
  private final Map<Stream, Utf8Pieces> texts = new EnumMap<>(Stream.class);

  ExecutionStream(RoutingContext context) {
    this.context = context;
    this.response = context.response();
    this.loop = context.vertx().getOrCreateContext();
    this.events = BackgroundRoutes.wantsEvents(context);
    for (Stream stream : Stream.values()) {
      texts.put(stream, new Utf8Pieces());
    }
  }

  ExecutionFollower follower() {
    return ExecutionFollower.hearing((stream, bytes) -> {
      Buffer own = bytes.copy();
      loop.runOnContext(ignored -> text(stream, pieces(stream).next(own)));
    });
  }

  /** Ends with the reply of an execution that ran, or with a plain one of another status. */
  void end(Answer.Reply reply) {
    if (reply.status() != 200) {
      Answer.send(context, reply.status(), reply.body());
      return;
    }
    for (Stream stream : Stream.values()) {
      text(stream, pieces(stream).rest());
    }
    line(new JsonObject().put("type", "end").mergeIn(reply.body()));
    response.end();
  }

  void fail(Throwable failure) {
    if (!response.headWritten()) {
      context.fail(failure);
      return;
    }
    ApiException problem = Problem.of(failure, RequestId.of(context));
    line(Problem.body(problem).put("type", "error").put("requestId", RequestId.of(context)));
    response.end();
  }

  private Utf8Pieces pieces(Stream stream) {
    return texts.computeIfAbsent(stream, missing -> new Utf8Pieces());
  }

  private void text(Stream stream, String text) {
    if (!text.isEmpty()) {
      line(new JsonObject().put("type", stream.name().toLowerCase(Locale.ROOT)).put("text", text));
    }
  }

  private void line(JsonObject line) {
    if (response.closed() || response.ended()) {
      return;
    }
    if (!response.headWritten()) {
      response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, events ? EVENTS : NDJSON);
      response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    }
    response.write(
        events
            ? Buffer.buffer("event: " + line.getString("type") + "\ndata: " + line + "\n\n")
            : line.toBuffer().appendByte((byte) '\n'));
  }
}
