package dev.gatehouse.bench;

import dev.gatehouse.bench.Plot.Point;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A run's page, all in one file that needs nothing from elsewhere: the table, each histogram's
 * percentiles beside its baseline's, and what was done in each second.
 */
final class Page {
  private static final String STYLE =
      """
      body { font: 14px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1200px; padding: 0 1em; }
      table { border-collapse: collapse; font-size: 13px; }
      td, th { border-bottom: 1px solid #ddd; padding: 3px 8px; text-align: left; }
      tr.missed td { color: #b00020; font-weight: 600; }
      dt { float: left; clear: left; width: 9em; color: #666; } dd { margin-left: 9em; }
      svg { width: 100%; max-width: 760px; }
      """;

  /** Nines upwards: each as far from the last. */
  private static final List<String> MARKS =
      List.of("0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %");

  private final StringBuilder html = new StringBuilder();
  private final Path directory;

  private Page(Path directory) {
    this.directory = directory;
  }

  /** Writes {@code index.html} beside what it is of, and each plot of percentiles alone. */
  static void write(Results results, Table table, Path directory) throws IOException {
    Page page = new Page(directory);
    page.head(results.run());
    page.table(table);
    page.html
        .append("<h2>Percentiles</h2>\n<p>All rounds together, with the baseline of the same")
        .append(" rounds where there is one.</p>\n");
    for (Map.Entry<String, List<Path>> one : distributions(directory).entrySet()) {
      page.percentiles(one.getKey(), one.getValue());
    }
    page.seconds(results.series());
    page.html.append("</body></html>\n");
    Files.writeString(directory.resolve("index.html"), page.html);
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private void head(JsonObject run) {
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<title>Gatehouse, measured</title><style>")
        .append(STYLE)
        .append("</style></head><body>\n<h1>Gatehouse, measured</h1>\n<dl>");
    for (String name : run.fieldNames()) {
      html.append(
          "<dt>%s</dt><dd>%s</dd>".formatted(escaped(name), escaped(run.getValue(name) + "")));
    }
    html.append("</dl>\n");
  }

  private void table(Table table) {
    html.append("<table><tr>");
    table.heads().forEach(head -> html.append("<th>").append(escaped(head)).append("</th>"));
    html.append("</tr>\n");
    for (Table.Line line : table.lines()) {
      html.append(line.missed() ? "<tr class=\"missed\">" : "<tr>");
      line.cells().forEach(cell -> html.append("<td>").append(escaped(cell)).append("</td>"));
      html.append("</tr>\n");
    }
    html.append("</table>\n");
  }

  /** Each figure's file, and its baseline's behind it. */
  private static Map<String, List<Path>> distributions(Path directory) throws IOException {
    Map<String, List<Path>> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".hgrm")).sorted().toList()) {
        String name = file.getFileName().toString().replace(".hgrm", "");
        all.computeIfAbsent(name.replace(".baseline", ""), figure -> new ArrayList<>()).add(file);
      }
    }
    // The shorter name is the figure's own.
    all.values()
        .forEach(files -> files.sort((a, b) -> a.toString().length() - b.toString().length()));
    return all;
  }

  private void percentiles(String figure, List<Path> files) throws IOException {
    Map<String, List<Point>> lines = new LinkedHashMap<>();
    double right = 1;
    for (Path file : files) {
      List<Point> points = points(file);
      right = Math.max(right, points.getLast().x());
      lines.put(file.toString().endsWith(".baseline.hgrm") ? "baseline" : figure, points);
    }
    Map<Double, String> marks = new LinkedHashMap<>();
    for (int nines = 0; nines < MARKS.size() && nines <= right; nines++) {
      marks.put((double) nines, MARKS.get(nines));
    }
    html.append("<h3>").append(escaped(figure)).append("</h3>\n");
    String plot = Plot.of(lines, marks, "ms", true);
    html.append(plot);
    Files.writeString(directory.resolve(figure + ".svg"), plot);
  }

  /** Of a file as HdrHistogram's plotter reads it: value, percentile, count, 1/(1-percentile). */
  private static List<Point> points(Path file) throws IOException {
    List<Point> points = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] words = line.strip().split(" +", -1);
      if (words.length == 4
          && !words[3].equals("Infinity")
          && Character.isDigit(words[0].charAt(0))) {
        points.add(
            new Point(
                Math.log10(Double.parseDouble(words[3])), Double.parseDouble(words[0]) / 1e3));
      }
    }
    if (points.isEmpty()) {
      throw new IOException(file + " has no percentiles");
    }
    return points;
  }

  private void seconds(Map<String, List<Double>> series) {
    if (series.isEmpty()) {
      return;
    }
    Map<String, List<Point>> lines = new LinkedHashMap<>();
    double right = 0;
    for (Map.Entry<String, List<Double>> one : series.entrySet()) {
      List<Point> points = new ArrayList<>();
      for (int second = 0; second < one.getValue().size(); second++) {
        points.add(new Point(second, one.getValue().get(second)));
      }
      right = Math.max(right, points.size());
      lines.put(one.getKey(), points);
    }
    Map<Double, String> marks = new LinkedHashMap<>();
    for (int second = 0; second < right; second += (int) Math.max(1, right / 6)) {
      marks.put((double) second, String.format(Locale.ROOT, "%d s", second));
    }
    html.append("<h2>Throughput over time</h2>\n").append(Plot.of(lines, marks, "/s", false));
  }
}
