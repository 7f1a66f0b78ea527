package dev.gatehouse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the rounds of a benchmark measured, figure by figure. */
public final class Rounds {
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  /** Adds what one round measured. */
  public void add(String figure, double value) {
    figures.computeIfAbsent(figure, name -> new ArrayList<>()).add(value);
  }

  /** The middle of what the rounds measured; the upper one of two. */
  public double median(String figure) {
    List<Double> sorted = sorted(figure);
    return sorted.get(sorted.size() / 2);
  }

  private List<Double> sorted(String figure) {
    return figures.getOrDefault(figure, List.of(Double.NaN)).stream().sorted().toList();
  }

  /** Prints a line for each figure: least, median and most, in the order of their first round. */
  public void print(String title) {
    System.out.printf(Locale.ROOT, "%n%-52s %12s %12s %12s%n", title, "min", "median", "max");
    for (String figure : figures.keySet()) {
      List<Double> sorted = sorted(figure);
      System.out.printf(
          Locale.ROOT,
          "  %-50s %12s %12s %12s%n",
          figure,
          shown(sorted.getFirst()),
          shown(median(figure)),
          shown(sorted.getLast()));
    }
  }

  private static String shown(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 1000 ? "%.2f" : "%,.0f", value);
  }
}
