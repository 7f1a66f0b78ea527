package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Ids;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.gate.ExecutionPass.Started;
import dev.gatehouse.gate.Passage.Denied;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.gate.Passage.Refused;
import dev.gatehouse.gate.Passage.Waiting;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.Metric;
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
  private final LatencyRecorder waitLatency;
  private final Questions questions;
  private final Previews previews;
  private final Remembering remembering;

  public Gate(Parts parts) {
    this.parts = parts;
    this.decideLatency = parts.latency().recorder(Metric.POLICY_DECIDE);
    this.waitLatency = parts.latency().recorder(Metric.APPROVAL_WAIT);
    this.questions = new Questions(parts.approvals(), parts.audit());
    this.previews = new Previews(parts, questions);
    this.remembering = new Remembering(parts, questions);
  }

  /**
   * Classifies an action that somebody else will run, and records the decision if it must; fails
   * with {@link AllowanceException} if that is more than its key may ask for.
   */
  public Future<Verdict> decide(Action action) {
    AllowanceException tooMuch = admit(action.actor());
    if (tooMuch != null) {
      return Future.failedFuture(tooMuch);
    }
    Verdict verdict = classify(action);
    return parts.decisions().wants(action, verdict.decision())
        ? parts
            .audit()
            .before(List.of(new Recorded(action, verdict, parts.audit().redactor()).decision()))
            .map(verdict)
        : Future.succeededFuture(verdict);
  }

  /** Counts one action for {@link #decideAll}; the refusal if its key may ask for no more now. */
  public @Nullable AllowanceException admit(Actor actor) {
    return parts.allowances().decision(actor);
  }

  /**
   * As {@link #admit(Actor)}, several at once for somebody who would rather wait.
   *
   * @return how long he shall wait before he asks for them, in nanoseconds
   * @throws AllowanceException if that would be longer than a minute
   */
  public long admit(Actor actor, int count) {
    return parts.allowances().decisions(actor, count);
  }

  /**
   * As {@link #decide}, many at once that were admitted: what must be recorded is so in one commit.
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
      }
    }
    return events.isEmpty()
        ? Future.succeededFuture(verdicts)
        : parts.audit().before(events).map(verdicts);
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

  /** Uses up the right that a person gave, if that is what an action may run by. */
  Future<Void> take(@Nullable Consent consent) {
    return consent == null ? Future.succeededFuture() : questions.take(consent).mapEmpty();
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
    Decision decision = parts.policies().active().decide(action);
    long tookNanos = System.nanoTime() - startNanos;
    decideLatency.record(tookNanos);
    return new Verdict(ids.next(), decision, tookNanos);
  }

  /** What is done with an action that may run. */
  interface Allowed<T> {
    Future<Passage<T>> run(Permit permit);
  }

  /** Classifies; goes on where policy or a person allows, else answers that it does not. */
  <T> Future<Passage<T>> pass(Action action, Asking asking, Allowed<T> allowed) {
    Verdict verdict = classify(action);
    String approval = asking.approval();
    if (approval != null) {
      return questions
          .presented(action, verdict, approval)
          .compose(found -> passWith(found, action, verdict, asking, allowed));
    }
    if (mustBeSealed(action, verdict)) {
      return notSealed(action, verdict);
    }
    return switch (verdict.decision().outcome()) {
      case ALLOW -> allowed.run(new Permit(action, verdict, null));
      case ASK -> ask(action, verdict, asking, allowed);
      case DENY -> deny(action, verdict);
    };
  }

  /** Whether policy lets it be, but wants no network where there is one. */
  private static boolean mustBeSealed(Action action, Verdict verdict) {
    Decision decision = verdict.decision();
    return decision.outcome() != Outcome.DENY
        && decision.obligations().contains(Obligation.NO_EGRESS)
        && !(action.context().get("sandbox") instanceof Map<?, ?> sandbox
            && SandboxInfo.network(false).equals(sandbox.get("network")));
  }

  private <T> Future<T> notSealed(Action action, Verdict verdict) {
    ObligationException broken =
        new ObligationException(
            Obligation.NO_EGRESS, "policy allows this only in a sandbox without network");
    Recorded recorded = new Recorded(action, verdict, parts.audit().redactor());
    return parts
        .audit()
        .before(
            List.of(
                recorded.decision(),
                recorded.executionNotStarted(null, String.valueOf(broken.getMessage()))))
        .compose(committed -> Future.failedFuture(broken));
  }

  private <T> Future<Passage<T>> deny(Action action, Verdict verdict) {
    return parts
        .audit()
        .before(List.of(new Recorded(action, verdict, parts.audit().redactor()).decision()))
        .map(recorded -> new Denied<>(verdict));
  }

  private <T> Future<Passage<T>> ask(
      Action action, Verdict verdict, Asking asking, Allowed<T> allowed) {
    return remembering
        .use(action, verdict)
        .compose(used ->
            used.isPresent()
                ? allowed.run(new Permit(action, verdict, null))
                : ask(action, verdict)
                    .compose(asked -> hold(asked, action, action, verdict, asking, allowed)));
  }

  private Future<Approval> ask(Action action, Verdict verdict) {
    String id = ids.next();
    return questions
        .ask(id, action, verdict)
        .onSuccess(asked -> {
          boolean joined = !asked.id().equals(id);
          if (asked.terms().preview() && !joined) {
            previews.previewByRule(asked);
          }
        });
  }

  /** Policy is asked again, as it is now; what was approved holds for the policy that asked. */
  private <T> Future<Passage<T>> passWith(
      Approval approval, Action action, Verdict fresh, Asking asking, Allowed<T> allowed) {
    if (approval.edit() != null) {
      return passEdited(approval, action, asking, allowed);
    }
    if (mustBeSealed(action, fresh)) {
      return notSealed(action, fresh);
    }
    return switch (fresh.decision().outcome()) {
      case ALLOW -> allowed.run(new Permit(action, fresh, null));
      case DENY -> deny(action, fresh);
      case ASK ->
          fresh.decision().policy().equals(approval.policy())
              ? hold(approval, action, action, goesOn(approval, fresh), asking, allowed)
              : ask(action, fresh, asking.withoutApproval(), allowed);
    };
  }

  /** As {@link #passWith}; only what the approver made of the action may run, and only once. */
  private <T> Future<Passage<T>> passEdited(
      Approval approval, Action action, Asking asking, Allowed<T> allowed) {
    Action actual = Edits.actual(action, approval);
    Verdict fresh = classify(actual);
    if (mustBeSealed(actual, fresh)) {
      return notSealed(actual, fresh);
    }
    if (fresh.decision().outcome() == Outcome.DENY) {
      return deny(actual, fresh);
    }
    return fresh.decision().policy().equals(approval.policy())
        ? hold(approval, action, actual, goesOn(approval, fresh), asking, allowed)
        : pass(action, asking.withoutApproval(), allowed);
  }

  /** It is still the action that was asked about, and its story goes on. */
  private static Verdict goesOn(Approval approval, Verdict fresh) {
    return new Verdict(approval.action(), fresh.decision(), fresh.tookNanos());
  }

  /**
   * Waits for the answer, as long as the caller does.
   *
   * @param action what the caller asks for
   * @param actual what may run instead, where an approver edited it
   */
  private <T> Future<Passage<T>> hold(
      Approval question,
      Action action,
      Action actual,
      Verdict verdict,
      Asking asking,
      Allowed<T> allowed) {
    if (question.isOpen() && asking.waitMillis() > 0) {
      asking.asked().accept(verdict, question);
    }
    long askedNanos = System.nanoTime();
    return parts
        .approvals()
        .await(question, asking.waitMillis(), asking.gone())
        .onSuccess(answered -> {
          if (question.isOpen() && !answered.isOpen()) {
            waitLatency.recordSince(askedNanos);
          }
        })
        .compose(answered -> {
          if (answered.isOpen()) {
            return questions
                .stillWaiting(answered, asking)
                .map(open -> new Waiting<>(verdict, open));
          }
          if (answered.state() != Approval.State.APPROVED) {
            return Future.succeededFuture(new Refused<>(verdict, answered));
          }
          if (asking.gone().isComplete()) {
            // Nobody would hear of the end: the right stays unused.
            return Future.succeededFuture(new Waiting<>(verdict, answered));
          }
          if (question.isOpen()) {
            // Policy may have changed while a person thought.
            return pass(action, asking.with(answered.id()), allowed);
          }
          Consent consent = new Consent(answered, questions.digest(actual, answered));
          return allowed.run(new Permit(actual, verdict, consent));
        });
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
