package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Timings;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.Ending;
import dev.gatehouse.sandbox.SandboxException;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.SandboxOrder;
import dev.gatehouse.sandbox.egress.AllowList;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order of things for sandboxes that agents want to hold: classify, then make one, or change
 * where it may go, and record it before anybody hears of it. Confined to an event loop, as the gate
 * is.
 */
public final class SandboxAccess {
  private static final Logger LOGGER = LoggerFactory.getLogger(SandboxAccess.class);

  /** The tool that policy sees where an agent asks for a sandbox. */
  static final String CREATE_SANDBOX = "sandbox_create";

  /** The tool that policy sees where an agent asks for another list of where its sandbox may go. */
  static final String CHANGE_NETWORK = "sandbox_network";

  private final Gate gate;
  private final Parts parts;

  SandboxAccess(Gate gate, Parts parts) {
    this.gate = gate;
    this.parts = parts;
  }

  /** Gives the agent a sandbox to hold. */
  public Future<Passage<SandboxInfo>> create(Actor actor, SandboxOrder order, Asking asking) {
    long startNanos = System.nanoTime();
    Map<String, Object> arguments =
        new HashMap<>(
            Map.of(
                "ttlSeconds", order.ttlSeconds(),
                "idleSeconds", order.idleSeconds(),
                "profile", order.profile(),
                "labels", order.labels()));
    ExecutionArguments.putNetwork(arguments, order.network());
    Action action =
        new Action(
            actor,
            order.owner().session(),
            CREATE_SANDBOX,
            arguments,
            gate.sandboxContext(order.profile(), order.network() != null));
    return parts
        .drain()
        .admit(
            () -> gate.pass(action, asking, permit -> create(action, permit, order, startNanos)));
  }

  /** The right to it is used up last: where there is no room it stays. */
  private Future<Passage<SandboxInfo>> create(
      Action action, Permit permit, SandboxOrder order, long startNanos) {
    Verdict verdict = permit.verdict();
    Recorded recorded = new Recorded(action, verdict, parts.audit().redactor());
    return take(action, permit, recorded, List.of(recorded.decision()), order, 1)
        .map(sandbox -> doneCreating(verdict, sandbox, startNanos));
  }

  /**
   * Takes a sandbox and records it. Whether it lives is heard beside that: where it does not, the
   * log has its end, and another one is taken. The right to it is used up with the first.
   *
   * @param before what must be recorded before it
   * @param taken how many that makes
   */
  private Future<SandboxInfo> take(
      Action action,
      Permit permit,
      Recorded recorded,
      List<AuditEvent> before,
      SandboxOrder order,
      int taken) {
    Consent consent = taken == 1 ? permit.consent() : null;
    return parts
        .sandboxes()
        .create(order)
        .compose(sandbox ->
            Questions.check(consent)
                .onFailure(refused -> abandon(action.actor(), sandbox))
                .map(sandbox))
        .recover(failure ->
            (before.isEmpty() ? Future.<Void>succeededFuture() : parts.audit().before(before))
                .compose(done -> Future.failedFuture(failure)))
        .compose(sandbox -> {
          List<AuditEvent> events = new ArrayList<>(before);
          events.add(recorded.sandboxCreated(sandbox));
          Future<Boolean> lives = parts.sandboxes().lives(sandbox);
          return Future.join(
                  gate.begin(events, consent)
                      .onFailure(lost -> {
                        abandon(action.actor(), sandbox);
                        gate.settle(
                            Lifecycle.destroyed(sandbox, Ending.DELETED, "not begun: " + lost));
                      }),
                  lives)
              .compose(both -> {
                if (lives.result()) {
                  return Future.succeededFuture(sandbox);
                }
                return taken < SilentSandboxException.MAX_TAKEN
                    ? take(action, permit, recorded, List.of(), order, taken + 1)
                    : Future.failedFuture(SandboxException.silent());
              });
        });
  }

  /** Replaces the list of where a sandbox that the agent holds may go. */
  public Future<Passage<SandboxInfo>> changeNetwork(
      Actor actor, String id, @Nullable String session, AllowList allow, Asking asking) {
    long startNanos = System.nanoTime();
    Claim claim = HeldSandboxes.claimOf(actor, session);
    return parts
        .sandboxes()
        .find(id, claim)
        .compose(sandbox -> {
          sandbox.checkNetwork();
          Map<String, Object> arguments = new HashMap<>(Map.of("sandbox", id));
          ExecutionArguments.putNetwork(arguments, allow);
          Action action =
              new Action(
                  actor,
                  sandbox.owner().session(),
                  CHANGE_NETWORK,
                  arguments,
                  gate.sandboxContext(sandbox));
          return gate.pass(
              action,
              asking,
              permit -> {
                Verdict verdict = permit.verdict();
                Recorded recorded = new Recorded(action, verdict, parts.audit().redactor());
                return gate.begin(
                        List.of(
                            recorded.decision(),
                            recorded.networkChanged(sandbox.allow(), allow.texts(), sandbox)),
                        permit.consent())
                    .onFailure(lost -> {
                      if (permit.consent() != null) {
                        gate.settle(
                            recorded.networkChanged(allow.texts(), sandbox.allow(), sandbox));
                      }
                    })
                    .compose(committed -> parts.sandboxes().changeNetwork(id, claim, allow))
                    .map(changed -> doneCreating(verdict, changed, startNanos));
              });
        });
  }

  private static Passage<SandboxInfo> doneCreating(
      Verdict verdict, SandboxInfo sandbox, long startNanos) {
    long total = System.nanoTime() - startNanos;
    return new Done<>(verdict, sandbox, new Timings(verdict.tookNanos(), total, 0, 0, 0, total));
  }

  /** A sandbox whose creation may not be, or could not be recorded, is never used. */
  private void abandon(Actor actor, SandboxInfo sandbox) {
    parts
        .sandboxes()
        .delete(sandbox.id(), HeldSandboxes.claimOf(actor, null), Ending.DONE)
        .onFailure(gone -> LOGGER.debug("a sandbox had ended already: {}", gone.getMessage()));
  }
}
