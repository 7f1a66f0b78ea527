package dev.gatehouse;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** The answers to questions that were not taken, as the log has them. */
final class RefusedAnswers {
  private RefusedAnswers() {}

  /** Who tried to answer a question in vain, in which role, by which channel, and why. */
  static List<String> to(Api api, String question) {
    return api
        .get("auditor", "/v1/audit?kind=approval.refused&order=asc")
        .body()
        .getJsonArray("events")
        .stream()
        .map(event -> (JsonObject) event)
        .filter(event -> event.getJsonObject("detail").getString("approval").equals(question))
        .map(event ->
            String.join(
                " ",
                event.getJsonObject("detail").getString("key"),
                event.getString("role"),
                event.getJsonObject("detail").getString("channel"),
                event.getString("status")))
        .toList();
  }
}
