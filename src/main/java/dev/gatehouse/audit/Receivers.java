package dev.gatehouse.audit;

import dev.gatehouse.config.AuditSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The receivers that can be configured. */
final class Receivers {
  private static final long TIMEOUT_MILLIS = 15_000;

  /** Facility "log audit" (13), severity "notice" (5): RFC 5424, section 6.2.1. */
  private static final int PRIORITY = 13 * 8 + 5;

  private Receivers() {}

  static Receiver of(AuditSettings.Sink sink, Vertx vertx, String node) {
    return switch (sink.kind()) {
      case WEBHOOK -> {
        HttpClientAgent http = vertx.createHttpClient();
        yield events -> post(http, sink.to(), "application/x-ndjson", lines(events));
      }
      case APPROVALS -> new ApprovalHooks(vertx.createHttpClient(), sink);
      case OTLP -> {
        HttpClientAgent http = vertx.createHttpClient();
        yield events ->
            postOtlp(http, sink.to(), otlp(events, node).encode(), "rejectedLogRecords");
      }
      case TRACES -> {
        HttpClientAgent http = vertx.createHttpClient();
        yield events -> {
          JsonObject spans = OtlpSpans.of(events, node);
          return spans == null
              ? Future.succeededFuture()
              : postOtlp(http, sink.to(), spans.encode(), "rejectedSpans");
        };
      }
      case FILE -> events -> vertx.executeBlocking(() -> append(Path.of(sink.to()), lines(events)));
      case SYSLOG -> {
        NetClient net = vertx.createNetClient();
        yield events -> syslog(net, sink.to(), events, node);
      }
    };
  }

  private static String lines(List<StoredEvent> events) {
    StringBuilder lines = new StringBuilder();
    events.forEach(event -> lines.append(EventFormat.NDJSON.line(event)));
    return lines.toString();
  }

  private static Future<Void> post(HttpClientAgent http, String url, String type, String body) {
    return post(http, url, Map.of("Content-Type", type), Buffer.buffer(body));
  }

  /** Posts; fails as a {@link Receiver} does. */
  static Future<Void> post(
      HttpClientAgent http, String url, Map<String, String> headers, Buffer body) {
    return answer(http, url, headers, body).mapEmpty();
  }

  /** A collector takes a batch in part, and says so in an answer of 200. */
  private static Future<Void> postOtlp(
      HttpClientAgent http, String url, String body, String rejected) {
    return answer(http, url, Map.of("Content-Type", "application/json"), Buffer.buffer(body))
        .compose(HttpClientResponse::body)
        .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .compose(answer -> {
          long refused = rejected(answer, rejected);
          return refused == 0
              ? Future.succeededFuture()
              : Future.failedFuture(
                  new Receiver.RefusedException(url + " rejected " + refused + " of a batch"));
        });
  }

  /** How many were rejected; 0 where the answer does not say so, e.g. because it is empty. */
  private static long rejected(Buffer answer, String field) {
    try {
      JsonObject partial = new JsonObject(answer).getJsonObject("partialSuccess", new JsonObject());
      // 64-bit numbers are text in protobuf's JSON.
      return Long.parseLong(String.valueOf(partial.getValue(field, 0)));
    } catch (RuntimeException e) {
      return 0;
    }
  }

  private static Future<HttpClientResponse> answer(
      HttpClientAgent http, String url, Map<String, String> headers, Buffer body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(url)
            .setTimeout(TIMEOUT_MILLIS);
    headers.forEach(options::putHeader);
    return http.request(options)
        .compose(request -> request.send(body))
        .compose(response -> {
          int status = response.statusCode();
          String answered = url + " answered " + status;
          if (status < 300) {
            return Future.succeededFuture(response);
          }
          return status >= 400 && status < 500 && status != 408 && status != 429
              ? Future.failedFuture(new Receiver.RefusedException(answered))
              : Future.failedFuture(answered);
        });
  }

  private static Void append(Path file, String lines) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    return null;
  }

  /** One connection a batch: its orderly end says that the receiver's system took all of it. */
  private static Future<Void> syslog(
      NetClient net, String to, List<StoredEvent> events, String node) {
    int colon = to.lastIndexOf(':');
    StringBuilder frames = new StringBuilder();
    for (StoredEvent event : events) {
      String message = syslogMessage(event, node);
      frames.append(message.getBytes(StandardCharsets.UTF_8).length).append(' ').append(message);
    }
    return net.connect(Integer.parseInt(to.substring(colon + 1)), to.substring(0, colon))
        .compose(socket ->
            socket
                .write(frames.toString())
                .compose(written -> socket.end())
                // One that reads nothing would hold up all that come after.
                .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .onFailure(failure -> socket.close()));
  }

  private static String syslogMessage(StoredEvent stored, String node) {
    return "<"
        + PRIORITY
        + ">1 "
        + stored.recordedAt()
        + " "
        + node
        + " gatehouse - "
        + stored.event().kind().word()
        + " - "
        + EventJson.line(stored);
  }

  private static JsonObject otlp(List<StoredEvent> events, String node) {
    JsonArray records = new JsonArray();
    for (StoredEvent stored : events) {
      long nanos = ChronoUnit.NANOS.between(Instant.EPOCH, stored.event().occurredAt());
      records.add(
          new JsonObject()
              .put("timeUnixNano", Long.toString(nanos))
              .put("severityNumber", "DENY".equals(stored.event().outcome()) ? 13 : 9)
              .put("eventName", "gatehouse." + stored.event().kind().word())
              .put("body", new JsonObject().put("stringValue", EventJson.line(stored))));
    }
    return new JsonObject()
        .put(
            "resourceLogs",
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("resource", resource(node))
                        .put(
                            "scopeLogs",
                            new JsonArray().add(new JsonObject().put("logRecords", records)))));
  }

  /** Who tells it, as OpenTelemetry has it. */
  static JsonObject resource(String node) {
    return new JsonObject()
        .put(
            "attributes",
            new JsonArray()
                .add(attribute("service.name", "gatehouse"))
                .add(attribute("service.instance.id", node)));
  }

  /** One of OpenTelemetry's attributes. */
  static JsonObject attribute(String key, String value) {
    return new JsonObject()
        .put("key", key)
        .put("value", new JsonObject().put("stringValue", value));
  }
}
