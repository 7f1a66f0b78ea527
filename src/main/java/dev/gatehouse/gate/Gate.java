package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Ids;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.gate.ExecutionPass.Started;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.latency.ToolTally;
import dev.gatehouse.policy.Explanation;
import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.Isolation;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.StandardInput;
import dev.gatehouse.sandbox.TerminalSize;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The order of things, written down once: limit, classify, then ask or refuse, then take a sandbox,
 * then record the intent, then run, then record the outcome, and only then answer.
 *
 * <p>One instance an event loop; confined to it. Futures fail with the exceptions of the part that
 * could not do its work, and then nothing ran unrecorded.
 */
public final class Gate {
  private final Parts parts;
  private final Ids ids = new Ids();
  private final LatencyRecorder decideLatency;
  private final ToolTally toolTally;
  private final Questions questions;
  private final Enforcement enforcement;

  public Gate(Parts parts) {
    this.parts = parts;
    this.decideLatency = parts.latency().recorder(Metric.POLICY_DECIDE);
    this.toolTally = parts.latency().toolTally();
    this.questions = parts.questions();
    this.enforcement = new Enforcement(parts, questions, ids, this::classify, this::reclassify);
  }

  /**
   * Counts one action for {@link #decideAll}; the refusal if its key may ask for no more now, or
   * nobody may.
   */
  public @Nullable RuntimeException admit(Actor actor) {
    DrainingException draining = parts.drain().refusal();
    return draining != null ? draining : parts.allowances().decision(actor);
  }

  /**
   * As {@link #admit(Actor)}, several at once for somebody who would rather wait.
   *
   * @return how long he shall wait before he asks for them, in nanoseconds
   * @throws AllowanceException if that would be longer than a minute
   * @throws DrainingException if the server is about to stop
   */
  public long admit(Actor actor, int count) {
    DrainingException draining = parts.drain().refusal();
    if (draining != null) {
      throw draining;
    }
    return parts.allowances().decisions(actor, count);
  }

  /**
   * Classifies actions that somebody else will run, and that were admitted; what must be recorded
   * is so in one commit.
   */
  public Future<List<Verdict>> decideAll(List<Action> actions) {
    List<Verdict> verdicts = new ArrayList<>(actions.size());
    List<AuditEvent> events = new ArrayList<>();
    long now = System.nanoTime();
    for (Action action : actions) {
      Verdict verdict = classify(action, now);
      now += verdict.tookNanos();
      verdicts.add(verdict);
      if (parts.decisions().wants(action, verdict.decision())) {
        events.add(new Recorded(action, verdict, parts.audit().redactor()).decision());
        now = System.nanoTime();
      }
    }
    return events.isEmpty()
        ? Future.succeededFuture(verdicts)
        : parts.audit().before(events).map(verdicts);
  }

  /** To be called once a second: shows what was decided since the last time. */
  public void handOverTally() {
    toolTally.handOver();
  }

  /** Why policy decides on an action as it does. Nothing is decided, so nothing is recorded. */
  public Explanation explain(Action action) {
    return parts.policies().active().explain(action);
  }

  /** The main job in one hop: code runs in a sandbox of its own, which ends with it. */
  public Future<Passage<Ran>> execute(
      Actor actor, ExecutionOrder order, Asking asking, ExecutionFollower follower) {
    return execute(actor, order, asking, follower, Started.UNHEARD);
  }

  private Future<Passage<Ran>> execute(
      Actor actor,
      ExecutionOrder order,
      Asking asking,
      ExecutionFollower follower,
      Started started) {
    return parts.drain().admit(() -> admitted(actor, order, asking, follower, started));
  }

  private Future<Passage<Ran>> admitted(
      Actor actor,
      ExecutionOrder order,
      Asking asking,
      ExecutionFollower follower,
      Started started) {
    AllowanceException tooMuch = parts.allowances().execution(actor);
    if (tooMuch != null) {
      return Future.failedFuture(tooMuch);
    }
    long startNanos = System.nanoTime();
    String session = Objects.requireNonNull(order.session(), "session");
    Map<String, Object> context = sandboxContext(order.profile(), order.network() != null);
    Action action = actionOf(actor, session, order, context, "");
    return pass(
        action,
        asking,
        permit ->
            new ExecutionPass(
                    parts,
                    permit,
                    order.with(permit.action().arguments()),
                    follower,
                    started,
                    startNanos)
                .inSandboxOfItsOwn());
  }

  /**
   * As {@link #execute}, for who does not wait for the end: answers once the intent is committed.
   */
  public Future<Passage<BackgroundExecution>> start(
      Actor actor, ExecutionOrder order, Asking asking) {
    BackgroundPass pass = new BackgroundPass(parts.background(), order);
    return pass.answer(execute(actor, order, asking, pass.follower(), pass));
  }

  /** As {@link #executeIn}, for who does not wait for the end. */
  public Future<Passage<BackgroundExecution>> startIn(
      Actor actor, String id, ExecutionOrder order, Asking asking) {
    BackgroundPass pass = new BackgroundPass(parts.background(), order);
    return pass.answer(executeIn(actor, id, order, asking, pass.follower(), pass));
  }

  /**
   * A background execution that runs, or ended a while ago.
   *
   * @throws UnknownExecutionException if there is none, or it is not the actor's
   */
  public BackgroundExecution findExecution(Actor actor, String id, @Nullable String session) {
    return parts
        .background()
        .find(id, HeldSandboxes.claimOf(actor, session))
        .orElseThrow(UnknownExecutionException::new);
  }

  /**
   * Kills what a background execution runs; it then ends as cancelled.
   *
   * @throws UnknownExecutionException if there is none, or it is not the actor's
   */
  public BackgroundExecution cancelExecution(Actor actor, String id, @Nullable String session) {
    BackgroundExecution execution = findExecution(actor, id, session);
    execution.cancel();
    return execution;
  }

  /** Runs code in a sandbox that the agent holds; what one execution leaves the next one finds. */
  public Future<Passage<Ran>> executeIn(
      Actor actor, String id, ExecutionOrder order, Asking asking, ExecutionFollower follower) {
    return executeIn(actor, id, order, asking, follower, Started.UNHEARD);
  }

  private Future<Passage<Ran>> executeIn(
      Actor actor,
      String id,
      ExecutionOrder order,
      Asking asking,
      ExecutionFollower follower,
      Started started) {
    return parts.drain().admit(() -> admittedIn(actor, id, order, asking, follower, started));
  }

  private Future<Passage<Ran>> admittedIn(
      Actor actor,
      String id,
      ExecutionOrder order,
      Asking asking,
      ExecutionFollower follower,
      Started started) {
    AllowanceException tooMuch = parts.allowances().execution(actor);
    if (tooMuch != null) {
      return Future.failedFuture(tooMuch);
    }
    long startNanos = System.nanoTime();
    return parts
        .sandboxes()
        .runnable(id, HeldSandboxes.claimOf(actor, order.session()), order.language())
        .compose(sandbox -> {
          Action action =
              actionOf(
                  actor, sandbox.owner().session(), order, sandboxContext(sandbox), sandbox.id());
          return pass(
              action,
              asking,
              permit ->
                  new ExecutionPass(
                          parts,
                          permit,
                          order.with(permit.action().arguments()),
                          follower,
                          started,
                          startNanos)
                      .in(sandbox));
        });
  }

  /** Records what is about to begin, and uses up the right to it; {@link Questions#begin}. */
  Future<Void> begin(List<AuditEvent> events, @Nullable Consent consent) {
    return questions.begin(events, consent);
  }

  /** Records the end of what did not begin; {@link Questions#settle}. */
  void settle(AuditEvent end) {
    questions.settle(end);
  }

  /** What agents do about sandboxes to hold. */
  public SandboxAccess sandboxes() {
    return new SandboxAccess(this, parts);
  }

  /** What agents do with the files of sandboxes that they hold. */
  public FileAccess files() {
    return new FileAccess(this, parts);
  }

  /** What agents do to background executions while they run. */
  public ExecutionSteering steering() {
    return new ExecutionSteering(this, parts);
  }

  private Verdict classify(Action action) {
    return classify(action, System.nanoTime());
  }

  private Verdict classify(Action action, long startNanos) {
    return verdict(action, parts.policies().active().decide(action), startNanos);
  }

  private Verdict reclassify(Action action) {
    long startNanos = System.nanoTime();
    return verdict(action, parts.policies().active().reconsider(action), startNanos);
  }

  private Verdict verdict(Action action, Decision decision, long startNanos) {
    long tookNanos = System.nanoTime() - startNanos;
    decideLatency.record(tookNanos);
    toolTally.add(action.tool(), decision.outcome(), tookNanos);
    return new Verdict(ids.next(), decision, tookNanos);
  }

  /** As {@link Enforcement#pass}. */
  <T> Future<Passage<T>> pass(Action action, Asking asking, Enforcement.Allowed<T> allowed) {
    return enforcement.pass(action, asking, allowed);
  }

  /**
   * The action of an order.
   *
   * @param kind what {@link #sandboxContext} says of the sandbox
   * @param sandbox the held one it is to run in; empty for one of its own
   */
  private static Action actionOf(
      Actor actor, String session, ExecutionOrder order, Map<String, Object> kind, String sandbox) {
    Map<String, Object> execution =
        new HashMap<>(
            Map.of(
                "sandbox", sandbox,
                "mode", order.mode().name().toLowerCase(Locale.ROOT),
                "timeoutMillis", order.timeoutMillis()));
    switch (order.input()) {
      case StandardInput.Given _ -> {}
      case StandardInput.Open _ -> execution.put("interactive", true);
      case StandardInput.Terminal terminal -> execution.put("pty", terminalSize(terminal.size()));
    }
    Map<String, Object> context = new HashMap<>(kind);
    context.put("execution", Map.copyOf(execution));
    return new Action(
        actor, session, order.language().word(), order.arguments().toMap(), context, order.trace());
  }

  /** A terminal's size as requests have it. */
  static Map<String, Object> terminalSize(TerminalSize size) {
    return Map.of("rows", size.rows(), "cols", size.columns());
  }

  /** What policy knows of a sandbox that is held. */
  Map<String, Object> sandboxContext(SandboxInfo sandbox) {
    return sandboxContext(sandbox.profile(), sandbox.allow() != null);
  }

  /** As of a sandbox that does not exist yet. */
  Map<String, Object> sandboxContext(String profile, boolean egress) {
    Isolation isolation = parts.sandboxes().isolation();
    String runtime = egress ? isolation.egressRuntime() : isolation.runtime();
    return Map.of(
        "sandbox",
        Map.of("runtime", runtime, "network", SandboxInfo.network(egress), "profile", profile));
  }
}
