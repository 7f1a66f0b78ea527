package dev.gatehouse.approval;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.List;

/**
 * Requests that wait for answers, from whichever server these come. May be used from any event
 * loop; futures complete on the caller's.
 */
final class Awaiting {
  private static final int LOOKED_UP_AT_ONCE = 1000;

  private final Vertx vertx;
  private final ApprovalRows rows;
  private final Movement movement;
  private final Waiters waiters;

  Awaiting(Vertx vertx, ApprovalRows rows, Movement movement, Waiters waiters) {
    this.vertx = vertx;
    this.rows = rows;
    this.movement = movement;
    this.waiters = waiters;
  }

  /** Waits; {@link Approvals#await}. */
  Future<Approval> await(Approval question, long millis, Future<?> gone) {
    if (!question.isOpen() || millis <= 0) {
      return Future.succeededFuture(question);
    }
    Promise<Approval> answer = ((VertxInternal) vertx).getOrCreateContext().promise();
    waiters.add(question.id(), answer);
    // It may have been answered before anybody waited.
    movement
        .find(question.tenant(), question.id())
        .onSuccess(now -> now.ifPresent(waiters::settle));
    long timer = vertx.setTimer(millis, id -> answer.tryComplete(question));
    gone.onComplete(left -> answer.tryComplete(question));
    return answer
        .future()
        .onComplete(done -> {
          vertx.cancelTimer(timer);
          waiters.remove(question.id(), answer);
        })
        .compose(then ->
            then.isOpen()
                ? movement.find(question.tenant(), question.id()).map(now -> now.orElse(then))
                : Future.succeededFuture(then));
  }

  /** Looks how those of these questions stand that somebody here waits for. */
  void heard(List<String> ids) {
    lookUp(ids.stream().filter(waiters::isAwaited).toList());
  }

  /** Looks how all stand that somebody here waits for. */
  Future<Void> lookUpAll() {
    return lookUp(waiters.ids());
  }

  private Future<Void> lookUp(List<String> ids) {
    Future<Void> done = Future.succeededFuture();
    for (int from = 0; from < ids.size(); from += LOOKED_UP_AT_ONCE) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + LOOKED_UP_AT_ONCE));
      done =
          done.compose(before -> rows.settled(some))
              .map(settled -> {
                settled.forEach(waiters::settle);
                return null;
              });
    }
    return done;
  }
}
