package dev.gatehouse.http;

import dev.gatehouse.audit.Ahead;
import dev.gatehouse.audit.Cursor;
import io.vertx.core.Future;
import java.util.List;

/** A client that watches the log, however it is connected. Confined to its connection's loop. */
interface Watcher {
  /** Tells where it begins; like the others completes when the client's system has taken it. */
  Future<Void> begin(Cursor at);

  /** Shows events, in their order. */
  Future<Void> show(List<Ahead.Seen> events);

  /** Says that nothing happened, so that whatever is in between keeps the connection. */
  Future<Void> beat();

  /** Whether the connection is gone. */
  boolean isGone();

  /** Ends a connection that failed or is too slow. */
  void drop();
}
