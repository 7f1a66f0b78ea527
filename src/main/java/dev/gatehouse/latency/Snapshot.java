package dev.gatehouse.latency;

import dev.gatehouse.action.Outcome;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The summaries of every metric at one moment, and how the objectives stand.
 *
 * @param tenSeconds the last ten seconds
 * @param oneMinute the last 51 to 60
 * @param fiveMinutes the last 291 to 300
 * @param sinceStart all since the server started
 * @param tools decisions since then by tool and outcome
 */
public record Snapshot(
    Map<Metric, Percentiles> tenSeconds,
    Map<Metric, Percentiles> oneMinute,
    Map<Metric, Percentiles> fiveMinutes,
    Map<Metric, Percentiles> sinceStart,
    Memory.Reading memory,
    List<Standing> objectives,
    Map<String, Map<Outcome, Tools.Tally>> tools) {

  static Snapshot of(
      Map<Metric, Windows> windows,
      double secondsSinceStart,
      Memory.Reading memory,
      List<Standing> objectives,
      Map<String, Map<Outcome, Tools.Tally>> tools) {
    return new Snapshot(
        each(windows, window -> window.last(Windows.TEN_SECONDS)),
        each(windows, window -> window.last(Windows.ONE_MINUTE)),
        each(windows, window -> window.last(Windows.FIVE_MINUTES)),
        each(windows, window -> window.sinceStart(secondsSinceStart)),
        memory,
        objectives,
        tools);
  }

  private static Map<Metric, Percentiles> each(
      Map<Metric, Windows> windows, Function<Windows, Percentiles> summary) {
    Map<Metric, Percentiles> all = new EnumMap<>(Metric.class);
    windows.forEach((metric, window) -> all.put(metric, summary.apply(window)));
    return all;
  }
}
