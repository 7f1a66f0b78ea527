package dev.gatehouse.latency;

import java.util.EnumMap;
import java.util.Map;

/**
 * The summaries of every metric at one moment.
 *
 * @param tenSeconds the last ten seconds
 * @param oneMinute the last sixty
 * @param sinceStart all since the server started
 */
public record Snapshot(
    Map<Metric, Percentiles> tenSeconds,
    Map<Metric, Percentiles> oneMinute,
    Map<Metric, Percentiles> sinceStart) {

  static Snapshot of(Map<Metric, Windows> windows, double secondsSinceStart) {
    Map<Metric, Percentiles> ten = new EnumMap<>(Metric.class);
    Map<Metric, Percentiles> sixty = new EnumMap<>(Metric.class);
    Map<Metric, Percentiles> all = new EnumMap<>(Metric.class);
    windows.forEach((metric, window) -> {
      ten.put(metric, window.last(10));
      sixty.put(metric, window.last(Windows.SECONDS));
      all.put(metric, window.sinceStart(secondsSinceStart));
    });
    return new Snapshot(ten, sixty, all);
  }
}
