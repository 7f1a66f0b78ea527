package dev.gatehouse.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.jspecify.annotations.Nullable;

/**
 * What a scenario measures. Each value is written as soon as it is known, a line of JSON in {@code
 * SCENARIO.jsonl}, so that what broke later takes nothing with it; times as HdrHistogram's files as
 * well. Without {@value #DIRECTORY} all is printed only.
 *
 * <p>Confined to one thread.
 */
public final class Figures implements AutoCloseable {
  /** The system property that names the directory of the results. */
  public static final String DIRECTORY = "bench.directory";

  private static final int TICKS_PER_HALF = 5;
  private static final double MICROS = 1_000;

  private final @Nullable Path directory;
  private final String scenario;
  private final Map<String, Figure> figures = new LinkedHashMap<>();
  private final Map<String, List<Histogram>> times = new LinkedHashMap<>();

  private Figures(@Nullable Path directory, String scenario) {
    this.directory = directory;
    this.scenario = scenario;
  }

  /** Those of a scenario, to the directory of the system property. */
  public static Figures of(String scenario) {
    String directory = System.getProperty(DIRECTORY);
    return new Figures(directory == null ? null : Path.of(directory), scenario);
  }

  /** Adds what one round measured where nothing is beside it. */
  public void add(String figure, Unit unit, double value) {
    add(new Figure(figure, unit, List.of(value), List.of()));
  }

  /** Adds what one round measured, and what its baseline did in that round. */
  public void add(String figure, Unit unit, double value, double baseline) {
    add(new Figure(figure, unit, List.of(value), List.of(baseline)));
  }

  private void add(Figure round) {
    figures.merge(round.name(), round, Figure::and);
    write(round.toJson());
  }

  /** Adds one round's times, in nanoseconds: mean, p50, p95, p99 and max in milliseconds. */
  public void times(String figure, Histogram nanos) {
    keep(figure, nanos);
    add(figure + ".mean", Unit.MILLIS, nanos.getMean() / 1e6);
    add(figure + ".p50", Unit.MILLIS, millis(nanos, 50));
    add(figure + ".p95", Unit.MILLIS, millis(nanos, 95));
    add(figure + ".p99", Unit.MILLIS, millis(nanos, 99));
    add(figure + ".max", Unit.MILLIS, millis(nanos, 100));
  }

  /** As {@link #times(String, Histogram)}, with the baseline's times of that round. */
  public void times(String figure, Histogram nanos, Histogram baseline) {
    keep(figure, nanos);
    keep(figure + ".baseline", baseline);
    add(figure + ".mean", Unit.MILLIS, nanos.getMean() / 1e6, baseline.getMean() / 1e6);
    add(figure + ".p50", Unit.MILLIS, millis(nanos, 50), millis(baseline, 50));
    add(figure + ".p95", Unit.MILLIS, millis(nanos, 95), millis(baseline, 95));
    add(figure + ".p99", Unit.MILLIS, millis(nanos, 99), millis(baseline, 99));
    add(figure + ".max", Unit.MILLIS, millis(nanos, 100), millis(baseline, 100));
  }

  private static double millis(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1e6;
  }

  private void keep(String figure, Histogram nanos) {
    if (nanos.getTotalCount() == 0) {
      throw new IllegalStateException(figure + ": no times");
    }
    times.computeIfAbsent(figure, name -> new ArrayList<>()).add(nanos.copy());
  }

  /** Adds what was done in each second of a longer load. */
  public void seconds(String series, List<Long> counts) {
    write(new JsonObject().put("series", series).put("counts", new JsonArray(counts)));
  }

  private void write(JsonObject line) {
    if (directory != null) {
      try {
        Files.writeString(
            directory.resolve(scenario + ".jsonl"),
            line.encode() + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Prints the table, and writes the histograms' files. */
  @Override
  public void close() throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%n%-44s %4s %11s %11s %11s %11s %7s%n",
        scenario,
        "",
        "min",
        "median",
        "max",
        "baseline",
        "ratio");
    figures.values().forEach(Figures::print);
    if (directory != null) {
      for (Map.Entry<String, List<Histogram>> one : times.entrySet()) {
        writeTimes(directory, one.getKey(), one.getValue());
      }
    }
  }

  private static void print(Figure figure) {
    System.out.printf(
        Locale.ROOT,
        "  %-42s %4s %11s %11s %11s %11s %7s%n",
        figure.name(),
        figure.unit().word(),
        figure.unit().shown(figure.least()),
        figure.unit().shown(figure.median()),
        figure.unit().shown(figure.most()),
        figure.unit().shown(figure.baseline()),
        Unit.PERCENT.shown(figure.ratio()));
  }

  /** All rounds together as percentiles; a round an interval of the log. */
  private static void writeTimes(Path directory, String figure, List<Histogram> rounds)
      throws FileNotFoundException {
    Histogram all = new Histogram(3);
    rounds.forEach(all::add);
    try (PrintStream out = new PrintStream(directory.resolve(figure + ".hgrm").toFile())) {
      all.outputPercentileDistribution(out, TICKS_PER_HALF, MICROS);
    }
    try (PrintStream out = new PrintStream(directory.resolve(figure + ".hlog").toFile())) {
      HistogramLogWriter log = new HistogramLogWriter(out);
      log.outputLogFormatVersion();
      log.outputLegend();
      for (int i = 0; i < rounds.size(); i++) {
        Histogram round = rounds.get(i);
        round.setTag(figure);
        log.outputIntervalHistogram(i, i + 1, round, 1e6);
      }
    }
  }
}
