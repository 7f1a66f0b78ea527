package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.gate.Passage.Timings;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.Ending;
import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.ExecutionRequest;
import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.ExecutionResult;
import dev.gatehouse.sandbox.Owner;
import dev.gatehouse.sandbox.SandboxException;
import dev.gatehouse.sandbox.SandboxInfo;
import dev.gatehouse.sandbox.SandboxOrder;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One allowed execution on its way: a sandbox, the intent committed, the code run, the outcome
 * committed. Whatever happens on the way, the log has an end for each intent it may have.
 */
final class ExecutionPass {
  private static final Logger LOGGER = LoggerFactory.getLogger(ExecutionPass.class);

  /** How much longer than its execution a one-shot sandbox may live. */
  private static final long GRACE_SECONDS = 60;

  /** The variable by which programs are told which trace they belong to. */
  private static final String TRACE = "TRACEPARENT";

  private final Parts parts;
  private final Action action;
  private final Verdict verdict;
  private final @Nullable Consent consent;
  private final ExecutionOrder order;
  private final ExecutionFollower follower;
  private final Started started;
  private final Recorded recorded;
  private final long startNanos;
  private long acquireNanos;
  private long recordNanos;

  /** Whether the log has the decision, the use of an approval, and an intent. */
  private boolean intended;

  /** Hears that an intent is committed, before its code runs. */
  interface Started {
    /** For callers who hear of the end alone. */
    Started UNHEARD = (verdict, sandbox) -> {};

    void in(Verdict verdict, SandboxInfo sandbox);
  }

  /**
   * @param permit what may run: {@code order} says the same
   * @param startNanos when the action reached the gate, a {@link System#nanoTime()}
   */
  ExecutionPass(
      Parts parts,
      Permit permit,
      ExecutionOrder order,
      ExecutionFollower follower,
      Started started,
      long startNanos) {
    this.parts = parts;
    this.action = permit.action();
    this.verdict = permit.verdict();
    this.consent = permit.consent();
    this.order = order;
    this.follower = follower;
    this.started = started;
    this.recorded = new Recorded(action, verdict, parts.audit().redactor());
    this.startNanos = startNanos;
    if (scansResults()) {
      // A secret may be cut in two by the pieces of a stream: the whole is scanned at the end.
      follower.mute();
    }
  }

  /** Runs in a sandbox that is taken for this execution and ends with it. */
  Future<Passage<Ran>> inSandboxOfItsOwn() {
    return inPlace(() -> inSandboxOfItsOwn(1));
  }

  /**
   * @param taken how many sandboxes that makes; one that does not live is replaced
   */
  private Future<Passage<Ran>> inSandboxOfItsOwn(int taken) {
    return acquire()
        .recover(failure -> notStarted(null, failure))
        .compose(sandbox ->
            run(sandbox, Mode.ONE_SHOT)
                .onComplete(ended -> {
                  parts.secrets().forget(sandbox.id());
                  release(sandbox);
                }))
        .recover(failure -> {
          if (!(failure instanceof SilentSandboxException)) {
            return Future.failedFuture(failure);
          }
          return taken < SilentSandboxException.MAX_TAKEN
              ? inSandboxOfItsOwn(taken + 1)
              : Future.failedFuture(SandboxException.silent());
        });
  }

  /** Runs in a sandbox that the agent holds, which keeps what the execution leaves there. */
  Future<Passage<Ran>> in(SandboxInfo sandbox) {
    return inPlace(() -> run(sandbox, order.mode()));
  }

  /** Holds one of the places for executions while the work goes on. */
  private Future<Passage<Ran>> inPlace(Supplier<Future<Passage<Ran>>> work) {
    ExecutionPlaces places = parts.executions();
    Actor actor = action.actor();
    if (!places.tryEnter(actor.tenant())) {
      return notStarted(null, new OverloadedException(places.limit()));
    }
    AllowanceException tooMuch = parts.allowances().enter(actor);
    if (tooMuch != null) {
      places.leave(actor.tenant());
      return notStarted(null, tooMuch);
    }
    // Composed, so that an exception too gives the place back.
    return Future.succeededFuture()
        .compose(entered -> work.get())
        .onComplete(ended -> {
          places.leave(actor.tenant());
          parts.allowances().leave(actor);
        });
  }

  private Future<SandboxInfo> acquire() {
    long askedNanos = System.nanoTime();
    Owner owner = new Owner(action.actor().tenant(), action.actor().name(), action.session());
    return parts
        .sandboxes()
        .create(
            SandboxOrder.oneShot(
                owner,
                order.profile(),
                order.timeoutMillis() / 1000 + GRACE_SECONDS,
                order.network()),
            follower)
        .onSuccess(sandbox -> acquireNanos = System.nanoTime() - askedNanos);
  }

  private Future<Passage<Ran>> run(SandboxInfo sandbox, Mode mode) {
    return parts
        .secrets()
        .give(action.actor(), sandbox.id(), order.env())
        .recover(failure -> notStarted(sandbox.id(), failure))
        .compose(given -> run(sandbox, mode, given));
  }

  private Future<Passage<Ran>> run(SandboxInfo sandbox, Mode mode, SecretStore.Given given) {
    ExecutionRequest request =
        new ExecutionRequest(
            order.language(),
            order.code(),
            order.input(),
            environment(given.env()),
            order.timeoutMillis(),
            mode);
    SecretFilter filter = given.filter();
    if (filter != null) {
      follower.hearThrough(filter);
    }
    return mayBegin(sandbox)
        .compose(may ->
            intend(sandbox, mode)
                .compose(intent -> {
                  started.in(verdict, sandbox);
                  return parts.sandboxes().execute(sandbox.id(), claim(sandbox), request, follower);
                })
                .onFailure(failure -> settle(sandbox, failure)))
        .compose(result -> filter == null ? Future.succeededFuture(result) : clean(result, filter))
        .compose(result -> commitOutcome(sandbox, result).map(outcome -> done(sandbox, result)));
  }

  /**
   * With the trace, so that what runs can pass it on. Not where a person approved: what runs then
   * has nothing that nobody saw.
   */
  private Map<String, String> environment(Map<String, String> env) {
    String trace = action.trace();
    if (trace == null || consent != null || env.containsKey(TRACE)) {
      return env;
    }
    Map<String, String> all = new HashMap<>(env);
    all.put(TRACE, trace);
    return all;
  }

  /** The result without secrets, once whoever follows has heard all that was held back. */
  private Future<ExecutionResult> clean(ExecutionResult result, SecretFilter filter) {
    follower.hearRest(result.stdoutCut(), result.stderrCut());
    ExecutionResult clean =
        result.withOutput(text -> filter.text(text, result.stdoutCut() || result.stderrCut()));
    return parts.secrets().afterThisTurn().map(clean);
  }

  private Future<Void> mayBegin(SandboxInfo sandbox) {
    if (follower.isCancelled()) {
      return notStarted(sandbox.id(), SandboxException.cancelled());
    }
    return Questions.check(intended ? null : consent)
        .recover(refused -> notStarted(sandbox.id(), refused));
  }

  /** Commits the intent; beside that it is heard whether a sandbox that was just taken lives. */
  private Future<Void> intend(SandboxInfo sandbox, Mode mode) {
    if (mode != Mode.ONE_SHOT) {
      return commitIntent(sandbox);
    }
    Future<Boolean> lives = parts.sandboxes().lives(sandbox);
    return Future.join(commitIntent(sandbox), lives)
        .compose(both ->
            lives.result()
                ? Future.succeededFuture()
                : Future.failedFuture(new SilentSandboxException()));
  }

  /** Uses the approval up with it, as late as can be: from here on it is this execution or none. */
  private Future<Void> commitIntent(SandboxInfo sandbox) {
    String approval = consent == null ? null : consent.approval().id();
    AuditEvent start = recorded.executionStarted(sandbox, order.timeoutMillis(), approval);
    if (intended) {
      return timed(() -> parts.audit().before(List.of(start)));
    }
    return timed(() -> parts.questions().begin(List.of(recorded.decision(), start), consent))
        .onSuccess(done -> intended = true);
  }

  private Future<Void> commitOutcome(SandboxInfo sandbox, ExecutionResult result) {
    List<AuditEvent> events = recorded.executionOutput(sandbox, result);
    events.add(recorded.executionEnded(sandbox, result));
    return timed(() -> parts.audit().after(events));
  }

  private Future<Void> timed(Supplier<Future<Void>> commit) {
    long askedNanos = System.nanoTime();
    return commit.get().onSuccess(done -> recordNanos += System.nanoTime() - askedNanos);
  }

  private Passage<Ran> done(SandboxInfo sandbox, ExecutionResult result) {
    return new Done<>(
        verdict,
        new Ran(sandbox, scanned(result), consent == null ? null : consent.approval().edit()),
        new Timings(
            verdict.tookNanos(),
            acquireNanos,
            result.runNanos(),
            result.runNanos() - result.codeNanos(),
            recordNanos,
            System.nanoTime() - startNanos));
  }

  /** The result as the agent gets it: without secrets where policy wants that. */
  private ExecutionResult scanned(ExecutionResult result) {
    return scansResults() ? result.withOutput(parts.audit().redactor()::text) : result;
  }

  private boolean scansResults() {
    return verdict.decision().obligations().contains(Obligation.SCAN_RESULTS);
  }

  /** Records that an allowed action never ran, then fails with the reason it did not. */
  private <T> Future<T> notStarted(@Nullable String sandbox, Throwable failure) {
    AuditEvent end = recorded.executionNotStarted(sandbox, String.valueOf(failure.getMessage()));
    return parts
        .audit()
        .before(intended ? List.of(end) : List.of(recorded.decision(), end))
        .compose(done -> Future.failedFuture(failure));
  }

  /** The log may have the intent although its code will not run: it is told so. */
  private void settle(SandboxInfo sandbox, Throwable failure) {
    parts
        .questions()
        .settle(recorded.executionNotStarted(sandbox.id(), String.valueOf(failure.getMessage())));
  }

  private void release(SandboxInfo sandbox) {
    parts
        .sandboxes()
        .delete(sandbox.id(), claim(sandbox), Ending.DONE)
        .onFailure(gone -> LOGGER.debug("a sandbox had ended already: {}", gone.getMessage()));
  }

  private static Claim claim(SandboxInfo sandbox) {
    Owner owner = sandbox.owner();
    return new Claim(owner.tenant(), owner.actor(), owner.session());
  }
}
