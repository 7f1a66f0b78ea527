package dev.gatehouse.approval;

import dev.gatehouse.approval.Approvals.Listener;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What time does to questions: others are asked, the same again, or they expire; and what is over
 * is recorded and forgotten. Turns are the clock's alone; all else may be called from any event
 * loop.
 */
final class Upkeep {
  /** How long questions are known that are over. */
  static final int KEPT_DAYS = Memories.ASKED_DAYS;

  private static final int MOVED_AT_ONCE = 1000;
  private static final int UNRECORDED_AT_ONCE = 500;

  /** Longer than the audit log may take for what its server has not given up. */
  private static final int UNRECORDED_SECONDS = 15;

  private static final int FORGOTTEN_AT_ONCE = 10_000;
  private static final int TURNS_BETWEEN_LOOKS = 10;
  private static final long FORGETTING_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final DueRows rows;
  private final Listener listener;
  private final Consumer<Approval> tell;
  private final Queue<Long> recorded = new ConcurrentLinkedQueue<>();
  private long turns;

  /** When to forget next, a {@link System#nanoTime()}: at once after a start. */
  private long forgetNanos = System.nanoTime();

  /**
   * Starts nothing.
   *
   * @param tell hears of each question that was moved
   */
  Upkeep(DueRows rows, Listener listener, Consumer<Approval> tell) {
    this.rows = rows;
    this.listener = listener;
    this.tell = tell;
  }

  /**
   * Does what is due.
   *
   * @param look at how those questions stand that somebody waits for
   * @return whether it has just forgotten all that is old, too
   */
  Future<Boolean> turn(Supplier<Future<Void>> look) {
    turns++;
    boolean forgets = System.nanoTime() - forgetNanos >= 0;
    return expireDue()
        .compose(expired -> rows.remindDue(MOVED_AT_ONCE))
        .compose(reminded -> {
          reminded.forEach(this::lapsed);
          return look.get();
        })
        .compose(looked -> markRecorded())
        .compose(marked ->
            turns % TURNS_BETWEEN_LOOKS == 0 ? lookForUnrecorded() : Future.succeededFuture())
        .compose(looked -> forgets ? forget() : Future.succeededFuture(false));
  }

  /** Forgets some of what is old, with more in the next turn while there is any. */
  private Future<Boolean> forget() {
    return rows.forget(KEPT_DAYS, FORGOTTEN_AT_ONCE)
        .map(more -> {
          if (!more) {
            forgetNanos = System.nanoTime() + FORGETTING_NANOS;
          }
          return !more;
        });
  }

  /** Has others asked, or expires, where the time is over. */
  Future<Void> expireDue() {
    return rows.escalateDue(MOVED_AT_ONCE)
        .compose(escalated -> {
          escalated.forEach(this::lapsed);
          return rows.expireDue(MOVED_AT_ONCE);
        })
        .compose(expired -> {
          expired.forEach(this::lapsed);
          return expired.size() == MOVED_AT_ONCE ? expireDue() : Future.succeededFuture();
        });
  }

  private void lapsed(Moved moved) {
    tell.accept(moved.approval());
    listener.lapsed(moved).onSuccess(done -> recorded(moved.event()));
  }

  /** Says that the audit log has an event. */
  void recorded(ApprovalEvent event) {
    recorded.add(event.sequence());
  }

  /** Marks what the audit log is known to have. */
  Future<Void> markRecorded() {
    List<Long> sequences = new ArrayList<>();
    for (Long next = recorded.poll(); next != null; next = recorded.poll()) {
      sequences.add(next);
    }
    return sequences.isEmpty()
        ? Future.succeededFuture()
        : rows.recorded(sequences).onFailure(failure -> recorded.addAll(sequences));
  }

  private Future<Void> lookForUnrecorded() {
    return rows.takeUnrecorded(UNRECORDED_SECONDS, UNRECORDED_AT_ONCE)
        .map(unrecorded -> {
          for (Moved moved : unrecorded) {
            listener.unrecorded(moved).onSuccess(done -> recorded(moved.event()));
          }
          return null;
        });
  }
}
