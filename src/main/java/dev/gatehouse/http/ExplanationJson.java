package dev.gatehouse.http;

import dev.gatehouse.policy.Explanation;
import io.vertx.core.json.JsonObject;

/** The JSON of an explanation: the same from the service and from the command line. */
public final class ExplanationJson {
  private ExplanationJson() {}

  /** The decision, the change that would flip it, and every rule. */
  public static JsonObject of(Explanation explanation) {
    return new JsonObject()
        .put("decision", Replies.decision(explanation.decision()))
        .mergeIn(new JsonObject(explanation.toMap()));
  }
}
