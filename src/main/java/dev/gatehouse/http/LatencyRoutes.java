package dev.gatehouse.http;

import dev.gatehouse.action.Role;
import dev.gatehouse.config.Configuration;
import dev.gatehouse.gate.Parts;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.latency.Standing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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

  private final LatencyRegistry latency;
  private final MetricsText metrics;
  private final LatencyStream stream;

  /** One thread for all event loops: nothing else waits for what strangers ask for. */
  private final WorkerExecutor writer;

  private final Map<String, Future<Buffer>> underWay = new HashMap<>();

  LatencyRoutes(
      Vertx vertx,
      Configuration configuration,
      Parts parts,
      SocketCensus sockets,
      Origins origins) {
    this.latency = parts.latency();
    this.writer = vertx.createSharedWorkerExecutor("gatehouse-measured", 1);
    this.metrics = new MetricsText(parts, sockets);
    this.stream =
        new LatencyStream(vertx, this::written, origins, configuration.http().bodyTimeoutMillis());
  }

  void addTo(Router router) {
    router.get("/latency").handler(this::all);
    router.get("/latency/stream").handler(this::stream);
    router.get("/latency.hgrm").handler(this::distribution);
    router.get("/latency.hlog").handler(this::log);
    router.get("/metrics").handler(this::metrics);
  }

  /** What needs a key. */
  void addProtectedTo(Router router) {
    router.get("/v1/slo").handler(context -> Answer.with(context, () -> objectives(context)));
  }

  private Buffer written() {
    return latency.written(LatencyJson::of);
  }

  private void all(RoutingContext context) {
    context.response().putHeader(HttpHeaders.CONTENT_TYPE, Answer.JSON).end(written());
  }

  private void stream(RoutingContext context) {
    try {
      stream.add(context);
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  private void metrics(RoutingContext context) {
    String contentType = metrics.contentType(context.request().getHeader(HttpHeaders.ACCEPT));
    answer(context, contentType, contentType, () -> metrics.write(contentType));
  }

  /** A metric's percentiles since the start, as HdrHistogram's plotter reads them. */
  private void distribution(RoutingContext context) {
    try {
      Metric metric = metric(context);
      answer(
          context,
          metric.word(),
          TEXT,
          () ->
              text(out ->
                  latency.total(metric).outputPercentileDistribution(out, TICKS_PER_HALF, MICROS)));
    } catch (ApiException e) {
      context.fail(e);
    }
  }

  /** The last five minutes of all metrics, ten seconds each, as HdrHistogram's log has them. */
  private void log(RoutingContext context) {
    answer(context, "log", TEXT, () -> text(this::printLog));
  }

  private void printLog(PrintStream out) {
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
  }

  private static Buffer text(Consumer<PrintStream> lines) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      lines.accept(out);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  /**
   * Answers with what takes milliseconds to write. Nobody needs a key for it, so who asks while one
   * is written gets that one, however many they are.
   */
  private void answer(
      RoutingContext context, String what, CharSequence contentType, Callable<Buffer> write) {
    Future<Buffer> written = underWay.get(what);
    if (written == null) {
      written = writer.executeBlocking(write);
      underWay.put(what, written);
      written.onComplete(done -> underWay.remove(what));
    }
    written.onComplete(
        body -> context.response().putHeader(HttpHeaders.CONTENT_TYPE, contentType).end(body),
        context::fail);
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
