package dev.gatehouse.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One plot as SVG: lines over a common horizontal axis, logarithmic upwards where that is asked.
 */
final class Plot {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 300;
  private static final int LEFT = 70;
  private static final int BOTTOM = 40;
  private static final int TOP = 16;
  private static final int RIGHT = 16;
  private static final List<String> COLOURS =
      List.of("#1f6feb", "#d1495b", "#2e8b57", "#b8860b", "#7b4fa3", "#3b8ea5", "#8c564b", "#555");

  private static final String STYLE =
      """
      <style>
        svg { font: 11px system-ui, sans-serif; }
        .grid { stroke: #e3e3e3; } .left { text-anchor: end; } .below { text-anchor: middle; }
      </style>
      """;

  /** One point. */
  record Point(double x, double y) {}

  private final String unit;
  private final boolean logarithmic;
  private final double most;
  private final double least;
  private final double width;

  private Plot(Map<String, List<Point>> lines, String unit, boolean logarithmic) {
    this.unit = unit;
    this.logarithmic = logarithmic;
    double highest = 0;
    double lowest = Double.MAX_VALUE;
    double right = 1e-9;
    for (List<Point> line : lines.values()) {
      for (Point point : line) {
        highest = Math.max(highest, point.y());
        lowest = Math.min(lowest, point.y());
        right = Math.max(right, point.x());
      }
    }
    this.width = right;
    // Whole decades, so that there is something to write beside the grid.
    this.most = logarithmic ? Math.pow(10, Math.ceil(Math.log10(highest))) : highest * 1.1;
    this.least = logarithmic ? Math.pow(10, Math.floor(Math.log10(Math.max(lowest, 1e-6)))) : 0;
  }

  /**
   * Draws it.
   *
   * @param lines points of each, left to right
   * @param marks what stands below the horizontal axis, by its place
   */
  static String of(
      Map<String, List<Point>> lines, Map<Double, String> marks, String unit, boolean logarithmic) {
    Plot plot = new Plot(lines, unit, logarithmic);
    StringBuilder svg = new StringBuilder();
    int legend = 18 * lines.size();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">"
                .formatted(WIDTH, HEIGHT + legend)
            + STYLE);
    plot.grid(svg);
    marks.forEach((x, text) -> plot.mark(svg, x, text));
    int number = 0;
    for (Map.Entry<String, List<Point>> line : lines.entrySet()) {
      plot.line(svg, line.getKey(), line.getValue(), number++);
    }
    return svg.append("</svg>\n").toString();
  }

  private void grid(StringBuilder svg) {
    if (logarithmic) {
      for (double value = least; value <= most * 1.01; value *= 10) {
        gridLine(svg, value);
      }
    } else {
      for (int i = 0; i <= 4; i++) {
        gridLine(svg, most * i / 4);
      }
    }
  }

  private void gridLine(StringBuilder svg, double value) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>"
                + "<text x=\"%d\" y=\"%.1f\" class=\"left\">%s %s</text>",
            LEFT,
            WIDTH - RIGHT,
            y(value),
            y(value),
            LEFT - 6,
            y(value) + 4,
            logarithmic ? Unit.MILLIS.shown(value) : Unit.COUNT.shown(value),
            unit));
  }

  private void mark(StringBuilder svg, double at, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" class=\"grid\"/>"
                + "<text x=\"%.1f\" y=\"%d\" class=\"below\">%s</text>",
            x(at),
            x(at),
            TOP,
            HEIGHT - BOTTOM,
            x(at),
            HEIGHT - BOTTOM + 16,
            text));
  }

  private void line(StringBuilder svg, String name, List<Point> points, int number) {
    String colour = COLOURS.get(number % COLOURS.size());
    String dashes = number < COLOURS.size() ? "" : " stroke-dasharray=\"4 3\"";
    svg.append(
        "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"%s\"%s points=\""
            .formatted(colour, dashes));
    for (Point point : points) {
      svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point.x()), y(point.y())));
    }
    svg.append("\"/>");
    int low = HEIGHT + 18 * number;
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"3\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>"
            .formatted(LEFT, low, colour, LEFT + 18, low + 6, Page.escaped(name)));
  }

  private double x(double value) {
    return LEFT + value / width * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    double share =
        logarithmic
            ? Math.log10(Math.max(value, least) / least) / Math.log10(most / least)
            : value / most;
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }
}
