package dev.gatehouse.http;

import dev.gatehouse.config.WebSocketSettings;
import java.util.HashMap;
import java.util.Map;

/** The requests of one connection that are not answered yet. Confined to its event loop. */
final class SocketRequests {
  private final WebSocketSettings settings;
  private final Map<String, Integer> underWay = new HashMap<>();
  private long bytes;

  SocketRequests(WebSocketSettings settings) {
    this.settings = settings;
  }

  /** Begins one, unless there are too many, or one with this id. */
  void begin(String id, int frameBytes) {
    if (underWay.containsKey(id)) {
      throw ApiException.of(409, "id.in-use", "a request with this id is under way");
    }
    if (underWay.size() >= settings.maxUnderWay()
        || bytes + frameBytes > settings.maxUnderWayBytes()) {
      throw ApiException.retryable(
          429, "requests.exhausted", "too much is under way on this connection", 1);
    }
    underWay.put(id, frameBytes);
    bytes += frameBytes;
  }

  void end(String id) {
    Integer frameBytes = underWay.remove(id);
    if (frameBytes != null) {
      bytes -= frameBytes;
    }
  }

  boolean isEmpty() {
    return underWay.isEmpty();
  }
}
