package dev.gatehouse.http;

import dev.gatehouse.audit.Ahead;
import dev.gatehouse.audit.Cursor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Shows the log to one client as it grows. Reads on only when the client has taken what was read,
 * so a slow one holds one read's memory; one that takes nothing for long is dropped, and goes on
 * from its place when it comes back. Confined to the connection's loop.
 */
final class AuditTail {
  static final long STALL_MILLIS = 60_000;
  private static final long POLL_MILLIS = 250;
  private static final int BEAT_POLLS = 60;

  private final Vertx vertx;
  private final Function<Cursor, Future<Ahead>> log;
  private final Watcher watcher;
  private final long stallMillis;
  private final Promise<Void> end = Promise.promise();
  private Cursor place = new Cursor(java.util.Map.of());
  private int silentPolls;

  AuditTail(Vertx vertx, Function<Cursor, Future<Ahead>> log, Watcher watcher, long stallMillis) {
    this.vertx = vertx;
    this.log = log;
    this.watcher = watcher;
    this.stallMillis = stallMillis;
  }

  /** Begins; completes when the client is gone. */
  Future<Void> follow(Future<Cursor> from) {
    from.onSuccess(begin -> place = begin)
        .compose(begin -> taken(watcher.begin(begin)))
        .onComplete(begun -> poll(), this::drop);
    return end.future();
  }

  private void poll() {
    if (watcher.isGone()) {
      end.tryComplete();
      return;
    }
    log.apply(place)
        .compose(this::show)
        .onComplete(
            more -> {
              if (more) {
                poll();
              } else {
                vertx.setTimer(POLL_MILLIS, id -> poll());
              }
            },
            this::drop);
  }

  private Future<Boolean> show(Ahead ahead) {
    boolean more = !ahead.reached().equals(place);
    place = ahead.reached();
    if (!ahead.seen().isEmpty()) {
      silentPolls = 0;
      return taken(watcher.show(ahead.seen())).map(more);
    }
    if (++silentPolls >= BEAT_POLLS) {
      silentPolls = 0;
      return taken(watcher.beat()).map(more);
    }
    return Future.succeededFuture(more);
  }

  private Future<Void> taken(Future<Void> write) {
    return write.timeout(stallMillis, TimeUnit.MILLISECONDS);
  }

  private void drop(Throwable failure) {
    if (!watcher.isGone()) {
      watcher.drop();
    }
    end.tryComplete();
  }
}
