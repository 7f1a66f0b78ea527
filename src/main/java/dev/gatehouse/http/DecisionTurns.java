package dev.gatehouse.http;

import dev.gatehouse.action.Action;
import dev.gatehouse.gate.Gate;
import dev.gatehouse.gate.Verdict;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * Decisions asked for one by one. Those that come in one turn of the event loop, by whichever
 * requests and frames, are decided and recorded together in the next, and their answers leave one
 * after the other: a client is woken once for many of them, not between two. Hot path; confined to
 * its event loop.
 */
final class DecisionTurns {
  /** More than this are decided in several turns, so that no turn is long. */
  private static final int MAX_BATCH = 512;

  private static final int ANSWER_BYTES = 512;

  /** Who asked for one decision; told on the event loop. */
  interface Asker {
    /**
     * The answer, and as JSON; it may be kept back until {@link #flush}.
     *
     * @param recordNanos what its record took, with those of its turn
     */
    void decided(Verdict verdict, AnswerBytes decision, long recordNanos);

    void failed(Throwable cause);

    /** All who asked in the same turn are answered. */
    default void flush() {}
  }

  private final Gate gate;
  private final Context loop;
  private final DecisionWriter writer = new DecisionWriter();
  private List<Asker> askers = new ArrayList<>();
  private List<Action> actions = new ArrayList<>();
  private boolean scheduled;

  DecisionTurns(Gate gate, Context loop) {
    this.gate = gate;
    this.loop = loop;
  }

  /** Decides in the next turn; who is refused is told so at once. */
  void add(Asker asker, Action action) {
    RuntimeException refusal = gate.admit(action.actor());
    if (refusal != null) {
      asker.failed(refusal);
      return;
    }
    askers.add(asker);
    actions.add(action);
    if (actions.size() >= MAX_BATCH) {
      decide();
    } else if (!scheduled) {
      scheduled = true;
      loop.runOnContext(turn -> {
        scheduled = false;
        decide();
      });
    }
  }

  private void decide() {
    if (actions.isEmpty()) {
      return;
    }
    List<Asker> asked = askers;
    List<Action> all = actions;
    askers = new ArrayList<>(asked.size());
    actions = new ArrayList<>(all.size());
    Future<List<Verdict>> decided = Future.succeededFuture().compose(begun -> gate.decideAll(all));
    long decidedNanos = System.nanoTime();
    decided.onComplete(done -> answer(asked, done, System.nanoTime() - decidedNanos));
  }

  private void answer(List<Asker> asked, AsyncResult<List<Verdict>> decided, long recordNanos) {
    for (int i = 0; i < asked.size(); i++) {
      if (decided.succeeded()) {
        Verdict verdict = decided.result().get(i);
        AnswerBytes decision = new AnswerBytes(ANSWER_BYTES);
        writer.append(decision, verdict);
        asked.get(i).decided(verdict, decision, recordNanos);
      } else {
        asked.get(i).failed(decided.cause());
      }
    }
    asked.forEach(Asker::flush);
  }
}
