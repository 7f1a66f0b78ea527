package dev.gatehouse.http;

import dev.gatehouse.action.Outcome;
import dev.gatehouse.latency.Memory;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.latency.Percentiles;
import dev.gatehouse.latency.Snapshot;
import dev.gatehouse.latency.Tools;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code /latency} says: every metric in every window, times in microseconds. */
final class LatencyJson {
  private static final double MICRO = 1e3;

  private LatencyJson() {}

  static Buffer of(Snapshot snapshot) {
    JsonObject metrics = new JsonObject();
    for (Metric metric : Metric.values()) {
      metrics.put(
          metric.word(),
          new JsonObject()
              .put("10s", percentiles(snapshot.tenSeconds().get(metric)))
              .put("1m", percentiles(snapshot.oneMinute().get(metric)))
              .put("5m", percentiles(snapshot.fiveMinutes().get(metric)))
              .put("start", percentiles(snapshot.sinceStart().get(metric))));
    }
    return new JsonObject()
        .put("unit", "microseconds")
        .put("metrics", metrics)
        .put("tools", tools(snapshot))
        .put("memory", memory(snapshot.memory()))
        .toBuffer();
  }

  private static JsonObject memory(Memory.Reading memory) {
    return new JsonObject()
        .put("liveHeapBytes", memory.liveHeap())
        .put("usedHeapBytes", memory.usedHeap())
        .put("directBytes", memory.direct())
        .put("residentBytes", memory.resident())
        .put("growthPercent", memory.growthPercent())
        .put("growthBytesAnHour", memory.growthAnHour())
        .put("ofMinutes", memory.ofMinutes());
  }

  private static JsonObject tools(Snapshot snapshot) {
    JsonObject tools = new JsonObject();
    snapshot.tools().forEach((tool, outcomes) -> tools.put(tool, outcomes(outcomes)));
    return tools;
  }

  private static JsonObject outcomes(Map<Outcome, Tools.Tally> outcomes) {
    JsonObject all = new JsonObject();
    outcomes.forEach((outcome, tally) ->
        all.put(
            outcome.name(),
            new JsonObject()
                .put("count", tally.count())
                .put("mean", tally.nanos() / MICRO / tally.count())
                .put("1m", percentiles(tally.oneMinute()))
                .put("5m", percentiles(tally.fiveMinutes()))
                .put("start", percentiles(tally.sinceStart()))));
    return all;
  }

  private static JsonObject percentiles(@Nullable Percentiles percentiles) {
    if (percentiles == null) {
      return new JsonObject();
    }
    return new JsonObject()
        .put("count", percentiles.count())
        .put("errors", percentiles.errors())
        .put("rate", percentiles.perSecond())
        .put("mean", percentiles.mean() / MICRO)
        .put("p50", percentiles.p50() / MICRO)
        .put("p90", percentiles.p90() / MICRO)
        .put("p95", percentiles.p95() / MICRO)
        .put("p99", percentiles.p99() / MICRO)
        .put("p99.9", percentiles.p999() / MICRO)
        .put("p99.99", percentiles.p9999() / MICRO)
        .put("max", percentiles.max() / MICRO);
  }
}
