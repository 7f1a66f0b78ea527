package dev.gatehouse.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A run's results, as they are kept in {@code results.json}.
 *
 * @param run when, by which command, on what machine, with which versions
 * @param scenarios what ran: seconds, and whether it failed
 * @param series counts of each second of a load
 */
record Results(
    JsonObject run,
    JsonArray scenarios,
    Map<String, Figure> figures,
    Map<String, List<Double>> series) {
  static final String FILE = "results.json";

  /** Whether a scenario did. */
  boolean hasFailed() {
    return scenarios.stream().anyMatch(one -> ((JsonObject) one).getBoolean("failed", false));
  }

  /** Puts together what the scenarios wrote into a directory. */
  static Results gather(Path directory, JsonObject run, JsonArray scenarios) throws IOException {
    Map<String, Figure> figures = new LinkedHashMap<>();
    Map<String, List<Double>> series = new TreeMap<>();
    List<Path> files;
    try (var all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        JsonObject json = new JsonObject(line);
        if (json.containsKey("series")) {
          series
              .computeIfAbsent(json.getString("series"), name -> new ArrayList<>())
              .addAll(Figure.numbers(json.getJsonArray("counts")));
        } else {
          Figure round = Figure.of(json);
          figures.merge(round.name(), round, Figure::and);
        }
      }
    }
    return new Results(run, scenarios, figures, series);
  }

  static Results read(Path file) throws IOException {
    JsonObject json = new JsonObject(Files.readString(file));
    Map<String, Figure> figures = new LinkedHashMap<>();
    for (Object one : json.getJsonArray("figures")) {
      Figure figure = Figure.of((JsonObject) one);
      figures.put(figure.name(), figure);
    }
    Map<String, List<Double>> series = new TreeMap<>();
    JsonObject all = json.getJsonObject("series");
    all.fieldNames().forEach(name -> series.put(name, Figure.numbers(all.getJsonArray(name))));
    return new Results(json.getJsonObject("run"), json.getJsonArray("scenarios"), figures, series);
  }

  void write(Path directory) throws IOException {
    JsonArray all = new JsonArray();
    figures.values().forEach(figure -> all.add(figure.toJson()));
    JsonObject counts = new JsonObject();
    series.forEach((name, values) -> counts.put(name, new JsonArray(values)));
    Files.writeString(
        directory.resolve(FILE),
        new JsonObject()
            .put("run", run)
            .put("scenarios", scenarios)
            .put("figures", all)
            .put("series", counts)
            .encodePrettily());
  }
}
