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
 * Decisions asked for by WebSocket. Those that come in one turn of the event loop, on whichever
 * connections, are decided and recorded together, and what each connection is answered leaves in
 * one write. Hot path; confined to its event loop.
 */
final class SocketDecisions {
  /** More than this are decided in several turns, so that no turn is long. */
  private static final int MAX_BATCH = 512;

  private static final int REPLY_BYTES = 512;

  private record Asked(SocketConnection by, String id) {}

  private final Gate gate;
  private final Context loop;
  private final DecisionWriter writer = new DecisionWriter();
  private List<Asked> askers = new ArrayList<>();
  private List<Action> actions = new ArrayList<>();
  private boolean scheduled;

  SocketDecisions(Gate gate, Context loop) {
    this.gate = gate;
    this.loop = loop;
  }

  /** Decides soon, and answers by {@link SocketConnection#decided}, or at once that it will not. */
  void add(SocketConnection by, String id, Action action) {
    RuntimeException refusal = gate.admit(action.actor());
    if (refusal != null) {
      by.failed(id, refusal);
      return;
    }
    askers.add(new Asked(by, id));
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
    List<Asked> asked = askers;
    List<Action> all = actions;
    askers = new ArrayList<>(asked.size());
    actions = new ArrayList<>(all.size());
    Future.succeededFuture()
        .compose(begun -> gate.decideAll(all))
        .onComplete(decided -> answer(asked, decided));
  }

  private void answer(List<Asked> asked, AsyncResult<List<Verdict>> decided) {
    List<SocketConnection> answered = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      Asked one = asked.get(i);
      if (one.by().hasNothingToFlush()) {
        answered.add(one.by());
      }
      if (decided.succeeded()) {
        AnswerBytes decision = new AnswerBytes(REPLY_BYTES);
        writer.append(decision, decided.result().get(i));
        one.by().decided(one.id(), decision);
      } else {
        one.by().failed(one.id(), decided.cause());
      }
    }
    answered.forEach(SocketConnection::flush);
  }
}
