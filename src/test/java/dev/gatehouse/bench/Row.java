package dev.gatehouse.bench;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of the table: what the followed report says of a component, and what must be reached
 * here.
 *
 * @param component as the report calls it
 * @param text which figure of it
 * @param target the report's own target
 * @param reported the figure that the report has; empty where it has none
 * @param mock whether that was measured on something that only stood for the real thing
 * @param figure the name of the figure that shows how it is here
 * @param bound what the median must reach, in the figure's unit; at least for rates, else at most
 * @param ratio what the ratio to the baseline must reach, likewise
 * @param ciRatio as ratio, on small and busy machines
 * @param baseline what the baseline is
 */
record Row(
    String component,
    String text,
    String target,
    String reported,
    boolean mock,
    String figure,
    @Nullable Double bound,
    @Nullable Double ratio,
    @Nullable Double ciRatio,
    String baseline) {

  static Row of(String component, String text, String figure) {
    return new Row(component, text, "", "", false, figure, null, null, null, "");
  }

  /** The report's target, and its figure by the real thing. */
  Row reported(String newTarget, String newReported) {
    return new Row(
        component, text, newTarget, newReported, false, figure, bound, ratio, ciRatio, baseline);
  }

  /** The report's target, and its figure by a mock. */
  Row mocked(String newTarget, String newReported) {
    return new Row(
        component, text, newTarget, newReported, true, figure, bound, ratio, ciRatio, baseline);
  }

  /** What the median must reach. */
  Row bound(double value) {
    return new Row(
        component, text, target, reported, mock, figure, value, ratio, ciRatio, baseline);
  }

  /** What the figure is measured beside. */
  Row beside(String what) {
    return new Row(component, text, target, reported, mock, figure, bound, ratio, ciRatio, what);
  }

  /** What the ratio to the baseline must reach. */
  Row ratio(double value) {
    return new Row(
        component, text, target, reported, mock, figure, bound, value, ciRatio, baseline);
  }

  /** What the ratio must reach in CI. */
  Row inCi(double value) {
    return new Row(component, text, target, reported, mock, figure, bound, ratio, value, baseline);
  }

  /** Whether the figure misses what it must reach; in CI only what its ratio must. */
  boolean misses(Figure measured, Pace pace) {
    return pace == Pace.CI
        ? misses(measured.unit(), measured.ratio(), ciRatio)
        : misses(measured.unit(), measured.median(), bound)
            || misses(measured.unit(), measured.ratio(), ratio);
  }

  /** What is not a number reaches nothing. */
  private static boolean misses(Unit unit, double value, @Nullable Double limit) {
    return limit != null && !(unit.moreIsBetter() ? value >= limit : value <= limit);
  }

  /** What must be reached, in words. */
  String goal(Unit unit) {
    List<String> goals = new ArrayList<>();
    if (bound != null) {
      goals.add((least(unit) + unit.shown(bound) + " " + unit.word()).strip());
    }
    if (ratio != null) {
      goals.add(least(unit) + Unit.PERCENT.shown(ratio) + "x");
    }
    return String.join(", ", goals);
  }

  /** What must be reached in CI, in words. */
  String ciGoal(Unit unit) {
    return ciRatio == null ? "" : least(unit) + Unit.PERCENT.shown(ciRatio) + "x";
  }

  private static String least(Unit unit) {
    return unit.moreIsBetter() ? "\u2265 " : "\u2264 ";
  }
}
