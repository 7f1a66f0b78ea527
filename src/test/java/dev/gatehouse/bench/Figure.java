package dev.gatehouse.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One figure of a run: what each round measured, and what its baseline did in the same round.
 *
 * @param baselines as many as rounds, or none
 */
public record Figure(String name, Unit unit, List<Double> rounds, List<Double> baselines) {
  public Figure {
    if (rounds.isEmpty() || (!baselines.isEmpty() && baselines.size() != rounds.size())) {
      throw new IllegalArgumentException(
          name + ": " + rounds.size() + " rounds, " + baselines.size() + " baselines");
    }
    rounds = List.copyOf(rounds);
    baselines = List.copyOf(baselines);
  }

  /** The same figure after one more round. */
  Figure and(Figure next) {
    List<Double> allRounds = new ArrayList<>(rounds);
    allRounds.addAll(next.rounds);
    List<Double> allBaselines = new ArrayList<>(baselines);
    allBaselines.addAll(next.baselines);
    return new Figure(name, unit, allRounds, allBaselines);
  }

  double median() {
    return median(rounds);
  }

  double least() {
    return Collections.min(rounds);
  }

  double most() {
    return Collections.max(rounds);
  }

  /** The baseline's median; not a number where there is none. */
  double baseline() {
    return median(baselines);
  }

  /** Each round by its baseline; empty where there is none. */
  List<Double> ratios() {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < baselines.size(); i++) {
      ratios.add(rounds.get(i) / baselines.get(i));
    }
    return ratios;
  }

  /** The median of {@link #ratios}; not a number where there is no baseline. */
  double ratio() {
    return median(ratios());
  }

  /** The middle one, or what is in the middle of two; not a number of none. */
  static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("figure", name)
        .put("unit", unit.name())
        .put("rounds", new JsonArray(rounds))
        .put("baselines", new JsonArray(baselines));
  }

  static Figure of(JsonObject json) {
    return new Figure(
        json.getString("figure"),
        Unit.valueOf(json.getString("unit")),
        numbers(json.getJsonArray("rounds")),
        numbers(json.getJsonArray("baselines")));
  }

  static List<Double> numbers(JsonArray array) {
    return array.stream().map(value -> ((Number) value).doubleValue()).toList();
  }
}
