package dev.gatehouse.approval;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a question's action did in a throw-away sandbox, for its approvers.
 *
 * @param effect SHA-256 of what it did, as hex; null where it could not be run
 * @param of digest of the action that was run
 * @param number which of the question's previews it is, from 1
 * @param by the person who wanted it; null where a rule does
 * @param shown what it did, a JSON object; null once the question is over
 */
public record Preview(
    @Nullable String effect,
    String of,
    int number,
    @Nullable String by,
    Instant at,
    @Nullable String shown) {
  /** Without what is shown, which is stored apart. */
  JsonObject stored() {
    return new JsonObject()
        .put("effect", effect)
        .put("of", of)
        .put("number", number)
        .put("by", by)
        .put("at", at.toString());
  }

  /** What {@link #stored} wrote; fails on anything else. */
  static Preview read(JsonObject json, @Nullable String shown) {
    return new Preview(
        json.getString("effect"),
        json.getString("of"),
        json.getInteger("number"),
        json.getString("by"),
        Instant.parse(json.getString("at")),
        shown);
  }
}
