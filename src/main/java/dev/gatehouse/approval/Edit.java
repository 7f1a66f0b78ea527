package dev.gatehouse.approval;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an approver made of the action he was asked about: if the question is approved this runs,
 * and nothing else.
 *
 * @param arguments what the tool will be given instead, canonical JSON; null once the question is
 *     over
 * @param digest SHA-256 of the action with those arguments, as hex
 * @param by the person
 */
public record Edit(@Nullable String arguments, String digest, String by, Instant at) {
  /** Without the arguments, which are stored apart. */
  JsonObject stored() {
    return new JsonObject().put("digest", digest).put("by", by).put("at", at.toString());
  }

  /** What {@link #stored} wrote; fails on anything else. */
  static Edit read(JsonObject json, @Nullable String arguments) {
    return new Edit(
        arguments,
        json.getString("digest"),
        json.getString("by"),
        Instant.parse(json.getString("at")));
  }
}
