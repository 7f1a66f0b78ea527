package dev.gatehouse.http;

import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Parts;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.latency.Standing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * {@code /latency} and {@code /metrics}, without a key and without secrets, and {@code /v1/slo}:
 * what each step costs, live.
 */
final class LatencyRoutes {
  private static final String TEXT = "text/plain; charset=utf-8";

  /** The files are in microseconds. */
  private static final double MICROS = 1_000;

  /** As HdrHistogram's own tools have them. */
  private static final int TICKS_PER_HALF = 5;

  private final Vertx vertx;
  private final LatencyRegistry latency;
  private final MetricsText metrics;
  private final LatencyStream stream;

  LatencyRoutes(Vertx vertx, Configuration configuration, Parts parts) {
    this.vertx = vertx;
    this.latency = parts.latency();
    this.metrics = new MetricsText(parts);
    this.stream =
        new LatencyStream(vertx, latency::snapshot, configuration.http().bodyTimeoutMillis());
  }

  void addTo(Router router) {
    router
        .get("/latency")
        .handler(context -> Answer.send(context, 200, Replies.latency(latency.snapshot())));
    router.get("/latency/stream").handler(this::stream);
    router.get("/latency.hgrm").handler(this::distribution);
    router.get("/latency.hlog").handler(this::log);
    router.get("/metrics").handler(this::metrics);
  }

  /** What needs a key. */
  void addProtectedTo(Router router) {
    router.get("/v1/slo").handler(context -> Answer.with(context, () -> objectives(context)));
  }

  private void stream(RoutingContext context) {
    try {
      stream.add(context);
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  private void metrics(RoutingContext context) {
    String accept = context.request().getHeader(HttpHeaders.ACCEPT);
    vertx
        .executeBlocking(() -> metrics.write(accept), false)
        .onComplete(
            text ->
                context
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, text.contentType())
                    .end(text.body()),
            context::fail);
  }

  /** A metric's percentiles since the start, as HdrHistogram's plotter reads them. */
  private void distribution(RoutingContext context) {
    try {
      Histogram times = latency.total(metric(context));
      answer(context, out -> times.outputPercentileDistribution(out, TICKS_PER_HALF, MICROS));
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  /** The last five minutes of all metrics, ten seconds each, as HdrHistogram's log has them. */
  private void log(RoutingContext context) {
    answer(
        context,
        out -> {
          HistogramLogWriter writer = new HistogramLogWriter(out);
          writer.outputLogFormatVersion();
          writer.outputStartTime(latency.startMillis());
          writer.setBaseTime(latency.startMillis());
          writer.outputLegend();
          for (Metric metric : Metric.values()) {
            for (Histogram ten : latency.tens(metric)) {
              ten.setTag(metric.word());
              writer.outputIntervalHistogram(ten);
            }
          }
        });
  }

  private interface Lines {
    void print(PrintStream out);
  }

  private static void answer(RoutingContext context, Lines lines) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      lines.print(out);
    }
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, TEXT)
        .end(Buffer.buffer(bytes.toByteArray()));
  }

  private static Metric metric(RoutingContext context) {
    try {
      return Metric.of(context.request().getParam("metric", Metric.HTTP_REQUEST.word()));
    } catch (IllegalArgumentException e) {
      throw ApiException.of(422, "query.invalid", e.getMessage() + "");
    }
  }

  private Future<Answer.Reply> objectives(RoutingContext context) {
    Authentication.require(context, Role.AGENT, Role.APPROVER, Role.OPERATOR, Role.AUDITOR);
    JsonArray objectives = new JsonArray();
    latency.snapshot().objectives().forEach(standing -> objectives.add(objective(standing)));
    return Future.succeededFuture(
        new Answer.Reply(200, new JsonObject().put("objectives", objectives)));
  }

  private static JsonObject objective(Standing standing) {
    return new JsonObject()
        .put("name", standing.name())
        .put("of", standing.of())
        .put("window", standing.window())
        .put("unit", standing.unit())
        .put("target", standing.target())
        .put("current", standing.current())
        .put("count", standing.count())
        .put("budgetLeft", standing.budgetLeft())
        .put("state", standing.state().word());
  }
}
