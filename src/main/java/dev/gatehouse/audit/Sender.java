package dev.gatehouse.audit;

import dev.gatehouse.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the log to one receiver, at least once, each chain in its order. How far it has got stands
 * in the database, so nothing is lost while the receiver or this server is away; of the servers of
 * one database one at a time sends. What a receiver refuses for good becomes a dead letter.
 *
 * <p>Confined to the event loop on which it was started.
 */
final class Sender {
  private static final Logger LOGGER = LoggerFactory.getLogger(Sender.class);
  private static final int BATCH_EVENTS = 200;
  private static final long POLL_MILLIS = 500;
  private static final long FIRST_RETRY_MILLIS = 500;
  private static final long LAST_RETRY_MILLIS = 60_000;
  private static final int LEASE_SECONDS = 60;

  private final Vertx vertx;
  private final Database database;
  private final AuditReader reader;
  private final String sink;
  private final String owner;
  private final Receiver receiver;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private boolean failing;
  private volatile boolean closed;

  Sender(Vertx vertx, Database database, String sink, String owner, Receiver receiver) {
    this.vertx = vertx;
    this.database = database;
    this.reader = new AuditReader(database);
    this.sink = sink;
    this.owner = owner;
    this.receiver = receiver;
  }

  /** From here on nothing is missed: a receiver that is new begins with what follows. */
  Future<Void> start() {
    return begin().onSuccess(begun -> vertx.setTimer(POLL_MILLIS, id -> next()));
  }

  void close() {
    closed = true;
  }

  private void next() {
    if (closed) {
      return;
    }
    lease()
        .compose(held -> held == null ? Future.succeededFuture(false) : sendAfter(held))
        .onComplete(
            more -> {
              if (failing) {
                LOGGER.info("events reach their receiver again sink={}", sink);
              }
              failing = false;
              retryMillis = FIRST_RETRY_MILLIS;
              vertx.setTimer(more ? 1 : POLL_MILLIS, id -> next());
            },
            failure -> {
              if (!failing) {
                LOGGER.warn(
                    "events wait for their receiver sink={}: {}", sink, failure.getMessage());
              }
              failing = true;
              vertx.setTimer(retryMillis, id -> next());
              retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
            });
  }

  /** How far the receiver has got, and what it remembers. */
  private record Held(Cursor place, String memory) {}

  /** The place to go on from; null while another server sends. */
  private Future<@Nullable Held> lease() {
    return database
        .pool()
        .preparedQuery(
            "update audit_delivery set owner = $2, lease_until = now() + interval '"
                + LEASE_SECONDS
                + " s' where sink = $1 and (owner = $2 or lease_until < now()) returning place,"
                + " memory")
        .execute(Tuple.of(sink, owner))
        .map(rows -> {
          if (rows.size() == 0) {
            return null;
          }
          Row row = rows.iterator().next();
          return new Held(Cursor.stored(row.getString(0)), row.getString(1));
        });
  }

  private Future<Void> begin() {
    return reader
        .end()
        .compose(end ->
            database
                .pool()
                .preparedQuery(
                    "insert into audit_delivery (sink, place, owner, lease_until) values ($1, $2,"
                        + " $3, now()) on conflict do nothing")
                .execute(Tuple.of(sink, end.toString(), owner)))
        .mapEmpty();
  }

  private Future<Boolean> sendAfter(Held held) {
    return reader
        .after(held.place(), BATCH_EVENTS)
        .compose(ahead -> {
          List<StoredEvent> events = ahead.seen().stream().map(Ahead.Seen::event).toList();
          if (events.isEmpty()) {
            return ahead.reached().equals(held.place())
                ? Future.succeededFuture(false)
                : save(new Held(ahead.reached(), held.memory())).map(false);
          }
          if (receiver.takesEach()) {
            return each(ahead, 0, held).map(true);
          }
          return deliver(events, held.memory())
              .recover(failure ->
                  failure instanceof Receiver.RefusedException
                      ? oneByOne(events, 0).map(held.memory())
                      : Future.failedFuture(failure))
              .compose(memory -> save(new Held(ahead.reached(), memory)))
              .map(true);
        });
  }

  /** Message by message: what was taken is not sent again, however slow the next ones are. */
  private Future<Void> each(Ahead ahead, int from, Held held) {
    int next = from;
    while (next < ahead.seen().size() && !receiver.wants(ahead.seen().get(next).event())) {
      next++;
    }
    if (next == ahead.seen().size()) {
      return save(new Held(ahead.reached(), held.memory()));
    }
    Ahead.Seen seen = ahead.seen().get(next);
    int after = next + 1;
    return oneByOne(List.of(seen.event()), 0)
        .compose(done -> save(new Held(seen.place(), held.memory())))
        .compose(saved -> each(ahead, after, held));
  }

  /** A row that cannot even be told, because somebody tampered with it, is refused for good. */
  private Future<String> deliver(List<StoredEvent> events, String memory) {
    try {
      return receiver.deliver(events, memory);
    } catch (RuntimeException e) {
      return Future.failedFuture(new Receiver.RefusedException("cannot be told: " + e));
    }
  }

  /** One of them is refused: the others are not to suffer for it. */
  private Future<Void> oneByOne(List<StoredEvent> events, int index) {
    if (index == events.size()) {
      return Future.succeededFuture();
    }
    StoredEvent event = events.get(index);
    return deliver(List.of(event), "")
        .<Void>mapEmpty()
        .recover(failure ->
            failure instanceof Receiver.RefusedException
                ? bury(event, String.valueOf(failure.getMessage()))
                : Future.failedFuture(failure))
        .compose(done -> oneByOne(events, index + 1));
  }

  private Future<Void> bury(StoredEvent event, String reason) {
    LOGGER.error(
        "an event is refused sink={} chain={} sequence={}: {}",
        sink,
        event.chain(),
        event.sequence(),
        reason);
    return database
        .pool()
        .preparedQuery(
            "insert into audit_dead_letter (sink, chain, sequence, reason, kind, action, tenant)"
                + " values ($1, $2, $3, $4, $5, $6, $7)")
        .execute(
            Tuple.tuple()
                .addString(sink)
                .addLong(event.chain())
                .addLong(event.sequence())
                .addString(reason)
                .addString(event.event().kind().word())
                .addString(event.event().action())
                .addString(event.event().tenant()))
        .mapEmpty();
  }

  /** Keeps the place, and the right to send; fails where another server has that by now. */
  private Future<Void> save(Held held) {
    return database
        .pool()
        .preparedQuery(
            "update audit_delivery set place = $2, memory = $4, lease_until = now() + interval '"
                + LEASE_SECONDS
                + " s' where sink = $1 and owner = $3")
        .execute(Tuple.of(sink, held.place().toString(), owner, held.memory()))
        .compose(rows ->
            rows.rowCount() == 1
                ? Future.succeededFuture()
                : Future.failedFuture("another server sends by now"));
  }
}
