package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgSubscriber;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other servers of the database which questions were moved, and hears it from them, by
 * NOTIFY. A hint may be lost or late: who hears one looks into the table, and looks there now and
 * then without one.
 *
 * <p>Hints go together, many in one, beside the moves: PostgreSQL commits transactions that notify
 * one at a time, so a move never does it itself.
 */
final class Hints {
  private static final Logger LOGGER = LoggerFactory.getLogger(Hints.class);
  private static final String CHANNEL = "gatehouse_approval";

  /** A payload has at most 8,000 bytes, an id 36. */
  private static final int MAX_IDS = 200;

  private static final long RECONNECT_MILLIS = 1000;

  private final SqlClient client;
  private final PgSubscriber subscriber;
  private final Queue<String> moved = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean telling = new AtomicBoolean();

  private Hints(SqlClient client, PgSubscriber subscriber) {
    this.client = client;
    this.subscriber = subscriber;
  }

  static Future<Hints> start(
      Vertx vertx, PgConnectOptions options, SqlClient client, Consumer<List<String>> heard) {
    PgSubscriber subscriber = PgSubscriber.subscriber(vertx, options);
    subscriber.reconnectPolicy(retries -> RECONNECT_MILLIS);
    subscriber.channel(CHANNEL).handler(payload -> heard.accept(List.of(payload.split(",", -1))));
    return subscriber.connect().map(connected -> new Hints(client, subscriber));
  }

  /** Tells of one; may be called from any thread. */
  void tell(String id) {
    moved.add(id);
    if (telling.compareAndSet(false, true)) {
      tellAll();
    }
  }

  private void tellAll() {
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < MAX_IDS && !moved.isEmpty(); i++) {
      ids.append(i == 0 ? "" : ",").append(moved.poll());
    }
    client
        // A hint may be lost: its commit waits for no disk.
        .preparedQuery("select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)")
        .execute(Tuple.of(CHANNEL, ids.toString()))
        .onFailure(failure -> LOGGER.debug("a hint was not given: {}", failure.getMessage()))
        .onComplete(told -> {
          telling.set(false);
          if (!moved.isEmpty() && telling.compareAndSet(false, true)) {
            tellAll();
          }
        });
  }

  Future<Void> close() {
    return subscriber.close();
  }
}
