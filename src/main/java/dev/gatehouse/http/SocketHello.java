package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.config.WebSocketSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What a client is told first, and when it said who it is. */
final class SocketHello {
  private SocketHello() {}

  /** The limits that the client meets, and who it is if that is known. */
  static Buffer of(WebSocketSettings settings, @Nullable Actor known) {
    JsonObject limits =
        new JsonObject()
            .put("authTimeoutMillis", settings.authTimeoutMillis())
            .put("pingMillis", settings.pingMillis())
            .put("idleMillis", settings.idleMillis())
            .put("stallMillis", settings.stallMillis())
            .put("maxFrameBytes", settings.maxFrameBytes())
            .put("maxMessageBytes", settings.maxMessageBytes())
            .put("maxUnderWay", settings.maxUnderWay())
            .put("maxUnderWayBytes", settings.maxUnderWayBytes())
            .put("maxStreams", settings.maxStreams())
            .put("streamCredit", settings.streamCredit())
            .put("connectionCredit", settings.connectionCredit())
            .put("maxCredit", settings.maxCredit());
    return new JsonObject()
        .put("type", "hello")
        .put("version", 1)
        .put("key", known == null ? null : key(known))
        .put("limits", limits)
        .toBuffer();
  }

  /** The client is who it said. */
  static Buffer welcome(Actor known) {
    return new JsonObject().put("type", "welcome").put("key", key(known)).toBuffer();
  }

  private static JsonObject key(Actor actor) {
    return new JsonObject()
        .put("name", actor.name())
        .put("role", actor.role().word())
        .put("tenant", actor.tenant());
  }
}
