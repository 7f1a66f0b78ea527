package dev.gatehouse.approval;

import io.vertx.core.json.JsonObject;

/**
 * Where a person or an agent says something to a question.
 *
 * @param channel how it comes, e.g. {@code http}
 * @param address from where, as the channel knows it
 */
public record Origin(String channel, String address) {
  /** As part of an event's detail, with the name of the key that it is said with. */
  public JsonObject withKey(String key) {
    return new JsonObject().put("key", key).put("channel", channel).put("address", address);
  }
}
