package dev.gatehouse.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The one table of a run: for a terminal, in Markdown, and in HTML. */
final class Table {
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";
  private static final List<String> HEADS =
      List.of(
          "component",
          "",
          "report's target",
          "its figure",
          "here: median",
          "min to max",
          "to reach",
          "baseline",
          "",
          "ratio");

  private final List<Line> lines = new ArrayList<>();

  /**
   * One line.
   *
   * @param missed whether what it must reach it does not
   */
  record Line(List<String> cells, boolean missed) {}

  private Table() {}

  /** Those rows whose figure was measured; in CI those that have a limit there. */
  static Table of(Results results, Pace pace) {
    Table table = new Table();
    String component = "";
    for (Row row : Catalogue.ROWS) {
      Figure figure = results.figures().get(row.figure());
      if (figure != null && (pace != Pace.CI || row.ciRatio() != null)) {
        table.lines.add(line(row, figure, pace, component));
        component = row.component();
      }
    }
    return table;
  }

  private static Line line(Row row, Figure figure, Pace pace, String above) {
    Unit unit = figure.unit();
    String baseline = unit.shown(figure.baseline());
    return new Line(
        List.of(
            row.component().equals(above) ? "" : row.component(),
            row.text(),
            row.target(),
            row.reported() + (row.mock() ? " (mock)" : ""),
            (unit.shown(figure.median()) + " " + unit.word()).strip(),
            unit.shown(figure.least()) + " to " + unit.shown(figure.most()),
            pace == Pace.CI ? row.ciGoal(unit) : row.goal(unit),
            baseline.isEmpty() ? "" : (baseline + " " + unit.word()).strip(),
            baseline.isEmpty() ? "" : row.baseline(),
            Unit.PERCENT.shown(figure.ratio())),
        row.misses(figure, pace));
  }

  List<Line> lines() {
    return lines;
  }

  List<String> heads() {
    return HEADS;
  }

  /** How many lines miss what they must reach. */
  long missed() {
    return lines.stream().filter(Line::missed).count();
  }

  /** For a terminal; a line that misses is marked, in red where colours are shown. */
  String text(boolean colours) {
    int[] widths = new int[HEADS.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          lines.stream()
              .mapToInt(line -> line.cells().get(column).length())
              .reduce(HEADS.get(i).length(), Math::max);
    }
    StringBuilder text = new StringBuilder(padded(HEADS, widths, "  ")).append('\n');
    for (Line line : lines) {
      String padded = padded(line.cells(), widths, line.missed() ? "! " : "  ");
      text.append(line.missed() && colours ? RED + padded + PLAIN : padded).append('\n');
    }
    return text.toString();
  }

  private static String padded(List<String> cells, int[] widths, String mark) {
    StringBuilder text = new StringBuilder(mark);
    for (int i = 0; i < widths.length; i++) {
      text.append(String.format(Locale.ROOT, "%-" + (widths[i] + 2) + "s", cells.get(i)));
    }
    return text.toString().stripTrailing();
  }

  /** In Markdown; a median that misses is bold and says so. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("| ").append(String.join(" | ", HEADS)).append(" |\n");
    text.append("|---".repeat(HEADS.size())).append("|\n");
    for (Line line : lines) {
      List<String> cells = new ArrayList<>(line.cells());
      cells.replaceAll(cell -> cell.replace("|", "\\|"));
      if (line.missed()) {
        cells.set(4, "**" + cells.get(4) + ": missed**");
      }
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
    return text.toString();
  }
}
