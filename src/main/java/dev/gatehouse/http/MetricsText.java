package dev.gatehouse.http;

import dev.gatehouse.gate.Parts;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.latency.Percentiles;
import dev.gatehouse.latency.Standing;
import dev.gatehouse.sandbox.PoolGauges;
import dev.gatehouse.sandbox.egress.Traffic;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /metrics} says, in Prometheus' text or OpenMetrics, as is asked for. It reads from
 * {@code /proc}, so not on an event loop.
 */
final class MetricsText {
  private static final double NANOS = 1e9;

  /** Upper bounds of the buckets in seconds: from a decision by its tool's name to a cold start. */
  private static final double[] BOUNDS = {
    1e-6,
    2.5e-6,
    5e-6,
    1e-5,
    2.5e-5,
    5e-5,
    1e-4,
    2.5e-4,
    5e-4,
    1e-3,
    2.5e-3,
    5e-3,
    1e-2,
    2.5e-2,
    5e-2,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
    Double.POSITIVE_INFINITY
  };

  private final Parts parts;
  private final SocketCensus sockets;
  private final PrometheusRegistry jvm = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();

  MetricsText(Parts parts, SocketCensus sockets) {
    this.parts = parts;
    this.sockets = sockets;
    JvmMetrics.builder().register(jvm);
  }

  /** What a client who accepts this is sent it as: one of few, whatever is asked for. */
  String contentType(@Nullable String accept) {
    return formats.findWriter(accept).getContentType();
  }

  /** Everything as it is now. */
  Buffer write(String contentType) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    formats.findWriter(contentType).write(out, all());
    return Buffer.buffer(out.toByteArray());
  }

  private MetricSnapshots all() {
    List<MetricSnapshot> all = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      Histogram times = parts.latency().total(metric);
      all.add(histogram("gatehouse_" + metric.word().replace('.', '_') + "_seconds", times));
      if (metric == Metric.AUDIT_COMMIT) {
        // By the name that the system this follows documents.
        all.add(histogram("audit_write_duration_seconds", times));
      }
    }
    all.add(errors());
    PoolGauges sandboxes = parts.sandboxes().gauges();
    all.add(
        counter(
            "sandbox_creation",
            "Sandboxes started since the server did.",
            parts.latency().total(Metric.SANDBOX_CREATE).getTotalCount()));
    all.add(
        counter(
            "sandbox_cleanup",
            "Sandboxes gone from the engine since the server started.",
            sandboxes.removed()));
    addTraffic(all);
    all.add(decisions());
    all.add(
        GaugeSnapshot.builder()
            .name("gatehouse_sandboxes")
            .help("Sandboxes by what they do.")
            .dataPoint(point("state", "leased", sandboxes.leased()))
            .dataPoint(point("state", "ready", sandboxes.ready()))
            .dataPoint(point("state", "starting", sandboxes.starting()))
            .dataPoint(point("state", "removing", sandboxes.removing()))
            .build());
    all.add(gauge("gatehouse_sandboxes_waiting", "Callers in line for one.", sandboxes.waiting()));
    all.add(poolCounter("hits", "Callers who found a sandbox ready.", PoolGauges.OfPool::hits));
    all.add(poolCounter("misses", "Callers who had to wait for one.", PoolGauges.OfPool::misses));
    all.add(pools("waiting", "Callers in line for one.", PoolGauges.OfPool::waiting));
    all.add(poolWaits());
    all.add(pools("size", "Sandboxes that should stand ready.", PoolGauges.OfPool::size));
    all.add(pools("ready", "Sandboxes that do.", PoolGauges.OfPool::ready));
    all.add(pools("filling", "Sandboxes being started.", PoolGauges.OfPool::filling));
    all.add(gauge("gatehouse_engine_up", "Whether Docker answered.", sandboxes.engine() ? 1 : 0));
    all.add(
        gauge(
            "gatehouse_audit_up",
            "Whether the last commit succeeded.",
            parts.audit().available() ? 1 : 0));
    all.add(
        gauge(
            "gatehouse_audit_queued_events",
            "Events that wait for their commit.",
            parts.audit().queuedEvents()));
    all.add(
        gauge(
            "gatehouse_audit_queued_bytes",
            "What they take in memory.",
            (double) parts.audit().queuedBytes()));
    all.add(
        gauge(
            "gatehouse_database_connections",
            "Connections to PostgreSQL besides the audit log's own.",
            parts.audit().connections()));
    all.add(
        gauge(
            "gatehouse_database_waiting",
            "Questions to the audit log in line for PostgreSQL.",
            parts.audit().waitingQuestions()));
    all.add(
        gauge(
            "gatehouse_approvals_waiting",
            "Requests that are held for a person's answer.",
            parts.approvals().waiting()));
    all.add(gauge("gatehouse_websockets", "Open WebSockets of known keys.", sockets.size()));
    all.add(gauge("gatehouse_executions", "Executions under way.", parts.executions().taken()));
    all.add(
        gauge(
            "gatehouse_heap_live_bytes",
            "What the last collections left of the heap.",
            (double) parts.latency().snapshot().memory().liveHeap()));
    all.add(objectives());
    jvm.scrape().forEach(all::add);
    return new MetricSnapshots(all);
  }

  /** By the names that the system this follows documents. */
  private void addTraffic(List<MetricSnapshot> all) {
    Traffic traffic = parts.sandboxes().traffic();
    all.add(
        CounterSnapshot.builder()
            .name("harombe_network_connections")
            .help("Attempts of sandboxes to reach the outside.")
            .dataPoint(count("status", "allowed", traffic.allowed()))
            .dataPoint(count("status", "blocked", traffic.refused()))
            .build());
    all.add(
        CounterSnapshot.builder()
            .name("harombe_network_bytes")
            .help("Bytes between sandboxes and the outside.")
            .dataPoint(count("direction", "sent", traffic.bytesUp()))
            .dataPoint(count("direction", "received", traffic.bytesDown()))
            .build());
    all.add(
        counter(
            "harombe_network_dns_queries",
            "Names that were looked up for sandboxes.",
            traffic.lookUps()));
  }

  private CounterSnapshot errors() {
    CounterSnapshot.Builder errors =
        CounterSnapshot.builder()
            .name("gatehouse_errors")
            .help("What failed instead of taking its time, by what is timed.");
    for (Metric metric : Metric.values()) {
      errors.dataPoint(count("metric", metric.word(), parts.latency().errors(metric)));
    }
    return errors.build();
  }

  /**
   * By tool and outcome; quantiles of the last five minutes. What there are too many names of is
   * {@code other}.
   */
  private SummarySnapshot decisions() {
    SummarySnapshot.Builder summary =
        SummarySnapshot.builder()
            .name("gatehouse_decisions_seconds")
            .help("Decisions of policy by tool and outcome.");
    parts
        .latency()
        .snapshot()
        .tools()
        .forEach((tool, outcomes) ->
            outcomes.forEach((outcome, tally) ->
                summary.dataPoint(
                    SummaryDataPointSnapshot.builder()
                        .labels(Labels.of("tool", tool, "outcome", outcome.name()))
                        .count(tally.count())
                        .sum(tally.nanos() / NANOS)
                        .quantiles(quantiles(tally.fiveMinutes()))
                        .build())));
    return summary.build();
  }

  private static Quantiles quantiles(Percentiles times) {
    return Quantiles.builder()
        .quantile(0.5, times.p50() / NANOS)
        .quantile(0.95, times.p95() / NANOS)
        .quantile(0.99, times.p99() / NANOS)
        .build();
  }

  private static CounterDataPointSnapshot count(String label, String word, long value) {
    return CounterDataPointSnapshot.builder()
        .labels(Labels.of(label, word))
        .value((double) value)
        .build();
  }

  private static HistogramSnapshot histogram(String name, Histogram times) {
    long[] counts = new long[BOUNDS.length];
    long below = 0;
    for (int i = 0; i < BOUNDS.length; i++) {
      long upTo =
          BOUNDS[i] == Double.POSITIVE_INFINITY
              ? times.getTotalCount()
              : times.getCountBetweenValues(0, (long) (BOUNDS[i] * NANOS));
      counts[i] = upTo - below;
      below = upTo;
    }
    return HistogramSnapshot.builder()
        .name(name)
        .help("Times since the start, right to 1 %.")
        .dataPoint(
            HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(BOUNDS, counts))
                .sum(times.getMean() * times.getTotalCount() / NANOS)
                .build())
        .build();
  }

  private static CounterSnapshot counter(String name, String help, long value) {
    return CounterSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(CounterDataPointSnapshot.builder().value((double) value).build())
        .build();
  }

  private static GaugeSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }

  private static GaugeDataPointSnapshot point(String label, String word, double value) {
    return GaugeDataPointSnapshot.builder().labels(Labels.of(label, word)).value(value).build();
  }

  private GaugeSnapshot pools(String name, String help, ToDoubleFunction<PoolGauges.OfPool> value) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name("gatehouse_pool_" + name).help(help);
    for (PoolGauges.OfPool pool : parts.sandboxes().gauges().pools()) {
      gauge.dataPoint(point("profile", pool.profile(), value.applyAsDouble(pool)));
    }
    return gauge.build();
  }

  private CounterSnapshot poolCounter(
      String name, String help, ToDoubleFunction<PoolGauges.OfPool> value) {
    CounterSnapshot.Builder counter =
        CounterSnapshot.builder().name("gatehouse_pool_" + name).help(help);
    for (PoolGauges.OfPool pool : parts.sandboxes().gauges().pools()) {
      counter.dataPoint(
          CounterDataPointSnapshot.builder()
              .labels(Labels.of("profile", pool.profile()))
              .value(value.applyAsDouble(pool))
              .build());
    }
    return counter.build();
  }

  private SummarySnapshot poolWaits() {
    SummarySnapshot.Builder summary =
        SummarySnapshot.builder()
            .name("gatehouse_pool_wait_seconds")
            .help("How long callers who found none ready had waited when they got one.");
    for (PoolGauges.OfPool pool : parts.sandboxes().gauges().pools()) {
      summary.dataPoint(
          SummaryDataPointSnapshot.builder()
              .labels(Labels.of("profile", pool.profile()))
              .count(pool.waits())
              .sum(pool.waitedNanos() / NANOS)
              .build());
    }
    return summary.build();
  }

  private GaugeSnapshot objectives() {
    GaugeSnapshot.Builder gauge =
        GaugeSnapshot.builder()
            .name("gatehouse_objective_breached")
            .help("Objectives, 1 where one is broken now.");
    for (Standing standing : parts.latency().snapshot().objectives()) {
      double broken = standing.state() == Standing.State.BREACHED ? 1 : 0;
      gauge.dataPoint(point("objective", standing.name(), broken));
    }
    return gauge.build();
  }
}
