package dev.gatehouse.http;

import dev.gatehouse.action.Actor;
import dev.gatehouse.config.WebSocketSettings;
import java.util.HashMap;
import java.util.Map;

/** Counts the WebSockets of all event loops, key by key. May be used from any thread. */
public final class SocketCensus {
  private record Key(String tenant, String name) {}

  private final WebSocketSettings settings;
  private final Map<Key, Integer> connections = new HashMap<>();
  private int strangers;

  public SocketCensus(WebSocketSettings settings) {
    this.settings = settings;
  }

  /** Counts one of somebody who has not said who he is; false if there are too many. */
  synchronized boolean enterStranger() {
    boolean room = strangers < settings.unauthenticated();
    if (room) {
      strangers++;
    }
    return room;
  }

  synchronized void leaveStranger() {
    strangers--;
  }

  /** Counts one of a key; false if the key has too many. */
  synchronized boolean enter(Actor actor) {
    Key key = new Key(actor.tenant(), actor.name());
    int before = connections.getOrDefault(key, 0);
    if (before >= settings.connectionsPerKey()) {
      return false;
    }
    connections.put(key, before + 1);
    return true;
  }

  /** Those of known keys that are open now. */
  synchronized int size() {
    return connections.values().stream().mapToInt(count -> count).sum();
  }

  synchronized void leave(Actor actor) {
    connections.computeIfPresent(
        new Key(actor.tenant(), actor.name()), (key, count) -> count == 1 ? null : count - 1);
  }
}
