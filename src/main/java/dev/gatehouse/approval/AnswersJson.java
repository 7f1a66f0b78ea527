package dev.gatehouse.approval;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Answers as JSON: in the store, in events, and without addresses in replies. */
public final class AnswersJson {
  private AnswersJson() {}

  static JsonArray of(List<Answer> answers) {
    JsonArray array = new JsonArray();
    answers.forEach(answer -> array.add(of(answer)));
    return array;
  }

  /** One answer with all that is known of it. */
  static JsonObject of(Answer answer) {
    return shown(answer)
        .put("lists", new JsonArray(answer.lists()))
        .put("channel", answer.channel())
        .put("address", answer.address())
        .put("fast", answer.fast());
  }

  /** What everybody may see who sees the question. */
  public static JsonObject shown(Answer answer) {
    return new JsonObject()
        .put("person", answer.person())
        .put("key", answer.key())
        .put("decision", answer.approves() ? "approve" : "deny")
        .put("reason", answer.reason())
        .put("at", answer.at().toString());
  }

  /** What {@link #of(List)} wrote; fails on anything else. */
  static List<Answer> read(JsonArray array) {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      JsonObject json = array.getJsonObject(i);
      answers.add(
          new Answer(
              json.getString("person"),
              json.getString("key"),
              json.getString("decision").equals("approve"),
              json.getString("reason"),
              json.getJsonArray("lists").stream().map(Integer.class::cast).toList(),
              json.getString("channel"),
              json.getString("address"),
              json.getBoolean("fast"),
              Instant.parse(json.getString("at"))));
    }
    return answers;
  }
}
