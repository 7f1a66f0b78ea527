package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Ids;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.approval.Preview;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.ExecutionResult;
import dev.gatehouse.sandbox.Language;
import dev.gatehouse.sandbox.SandboxException;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets approvers see what an action does before they answer: it is run in a throw-away sandbox that
 * reaches nobody, recorded like everything that runs, and what it did is kept with the question.
 * Confined to its caller's event loop.
 */
public final class Previews {
  private static final Logger LOGGER = LoggerFactory.getLogger(Previews.class);

  /** How long a preview may wait and look around besides running. */
  private static final long AROUND_MILLIS = 90_000;

  private final Parts parts;
  private final Questions questions;
  private final ApprovalSettings.Preview limits;
  private final Ids ids = new Ids();

  public Previews(Parts parts, Questions questions) {
    this.parts = parts;
    this.questions = questions;
    this.limits = parts.previews();
  }

  /** What is to be run, and how. */
  private record Trial(
      Approval question,
      Action action,
      Verdict verdict,
      ExecutionArguments arguments,
      String profile,
      long timeoutMillis,
      ThrowAway.Network network,
      WorkspaceCopy.@Nullable Place held) {}

  /** Who wants it, and from where. */
  private record Wish(Actor by, Origin from) {}

  /** Runs a question's action for a person who may answer it. */
  public Future<Moved> preview(Actor by, String id, Origin from) {
    return questions
        .find(by, id)
        .compose(question -> {
          parts.approvals().refuseUnheard(by, question);
          return run(trial(question), new Wish(by, from));
        })
        .onSuccess(moved -> questions.shown(by, moved));
  }

  /** Runs the action of a question that a rule wants previewed; why it cannot is shown there. */
  void previewByRule(Approval question) {
    Future.succeededFuture()
        .compose(asked -> run(trial(question), null))
        .recover(failure -> keepRefusal(question, failure))
        .onFailure(failure ->
            LOGGER.debug(
                "a question was not previewed approval={}: {}",
                question.id(),
                failure.getMessage()));
  }

  private Future<Moved> keepRefusal(Approval question, Throwable failure) {
    String why =
        switch (failure) {
          case RefusedException refused -> String.valueOf(refused.getMessage());
          case AllowanceException allowance -> String.valueOf(allowance.getMessage());
          case OverloadedException overloaded -> String.valueOf(overloaded.getMessage());
          case SandboxException sandbox -> String.valueOf(sandbox.getMessage());
          default -> "it could not be tried now";
        };
    JsonObject shown = new JsonObject().put("refused", why);
    return begin(question)
        .compose(number ->
            keep(
                question,
                new Preview(null, question.runs(), number, null, Instant.now(), shown.encode()),
                null));
  }

  private Trial trial(Approval question) {
    Language language =
        Language.of(question.tool())
            .orElseThrow(() -> notPreviewable("only actions that run code can be previewed"));
    Action asked = Edits.asked(question);
    if (Edits.isSpokenTo(asked)) {
      throw notPreviewable("what is spoken to while it runs cannot be previewed");
    }
    Action action = Edits.actual(asked, question);
    long startNanos = System.nanoTime();
    Decision decision = parts.policies().active().foresee(action);
    if (!decision.policy().equals(question.policy())) {
      throw new RefusedException(
          Why.POLICY_CHANGED, "the policy has changed since this was asked: it must be asked anew");
    }
    if (decision.outcome() == Outcome.DENY) {
      throw notPreviewable("policy denies it now");
    }
    return new Trial(
        question,
        action,
        new Verdict(ids.next(), decision, System.nanoTime() - startNanos),
        ExecutionArguments.of(language, action.arguments()),
        text(action, ActionDigest.SANDBOX, "profile"),
        Math.min(limits.millis(), millis(action)),
        text(action, ActionDigest.SANDBOX, "network").equals(SandboxInfo.network(true))
            ? ThrowAway.Network.REFUSING
            : ThrowAway.Network.NONE,
        held(question, text(action, "execution", "sandbox")));
  }

  private static WorkspaceCopy.@Nullable Place held(Approval question, String sandbox) {
    return sandbox.isEmpty()
        ? null
        : new WorkspaceCopy.Place(
            sandbox, new Claim(question.tenant(), question.actor(), question.session()));
  }

  private static RefusedException notPreviewable(String message) {
    return new RefusedException(Why.NOT_PREVIEWABLE, message);
  }

  private static String text(Action action, String part, String name) {
    if (action.context().get(part) instanceof Map<?, ?> map && map.get(name) instanceof String it) {
      return it;
    }
    throw notPreviewable("its context has no " + part + "." + name);
  }

  private static long millis(Action action) {
    return action.context().get("execution") instanceof Map<?, ?> execution
            && execution.get("timeoutMillis") instanceof Number millis
        ? millis.longValue()
        : Long.MAX_VALUE;
  }

  private Future<Moved> run(Trial trial, @Nullable Wish wish) {
    ExecutionPlaces places = parts.executions();
    String tenant = trial.question().tenant();
    if (!places.tryEnterPreview(tenant)) {
      return Future.failedFuture(new OverloadedException(places.previewLimit()));
    }
    Actor actor = trial.action().actor();
    AllowanceException tooMuch = parts.allowances().enter(actor);
    if (tooMuch != null) {
      places.leavePreview(tenant);
      return Future.failedFuture(tooMuch);
    }
    // Composed, so that an exception too gives the place back.
    return Future.succeededFuture()
        .compose(entered -> begin(trial.question()))
        .compose(number -> run(trial, wish, number))
        .onComplete(ended -> {
          places.leavePreview(tenant);
          parts.allowances().leave(actor);
        });
  }

  private Future<Moved> run(Trial trial, @Nullable Wish wish, int number) {
    Approval question = trial.question();
    ThrowAway sandboxes = new ThrowAway(parts.sandboxes(), limits);
    return sandboxes
        .take(question, trial.profile(), trial.timeoutMillis(), trial.network())
        .recover(failure -> after(parts.approvals().giveBackPreview(question, number), failure))
        .compose(sandbox ->
            sandboxes
                .run(
                    sandbox,
                    trial.held(),
                    trial.arguments(),
                    trial.timeoutMillis(),
                    recorder(trial))
                .compose(tried -> keep(question, preview(trial, tried, wish, number), wish))
                .recover(
                    failure -> after(parts.approvals().endPreview(question, number), failure)));
  }

  private Preview preview(Trial trial, ThrowAway.Tried tried, @Nullable Wish wish, int number) {
    String of = trial.question().runs();
    Effect effect = Effect.of(of, tried, parts.audit().redactor(), limits.outputChars());
    return new Preview(
        effect.digest(),
        of,
        number,
        wish == null ? null : wish.by().holder(),
        Instant.now(),
        effect.shown().encode());
  }

  private static <T> Future<T> after(Future<Void> done, Throwable failure) {
    return done.transform(either -> Future.failedFuture(failure));
  }

  private Future<Integer> begin(Approval question) {
    return parts
        .approvals()
        .beginPreview(question, limits.count(), limits.millis() + AROUND_MILLIS);
  }

  private Future<Moved> keep(Approval question, Preview preview, @Nullable Wish wish) {
    Approvals approvals = parts.approvals();
    return (wish == null
            ? approvals.preview(question, preview)
            : approvals.preview(question, preview, wish.by(), wish.from()))
        .compose(questions::recorded);
  }

  private ThrowAway.Recorder recorder(Trial trial) {
    AuditLog audit = parts.audit();
    String id = trial.question().id();
    Recorded recorded =
        Recorded.under(
            trial.question().action(), trial.action(), trial.verdict(), audit.redactor());
    return new ThrowAway.Recorder() {
      @Override
      public Future<Void> before(SandboxInfo sandbox) {
        return audit.before(List.of(recorded.previewStarted(sandbox, trial.timeoutMillis(), id)));
      }

      @Override
      public Future<Void> after(SandboxInfo sandbox, ExecutionResult result) {
        List<AuditEvent> events = recorded.executionOutput(sandbox, result);
        events.add(recorded.executionEnded(sandbox, result));
        return audit.after(events);
      }

      @Override
      public Future<WantedHosts> wanted(SandboxInfo sandbox) {
        return WantedHosts.of(audit.reader(), sandbox);
      }

      @Override
      public Future<Void> failed(SandboxInfo sandbox, Throwable failure) {
        String why = String.valueOf(failure.getMessage());
        return audit.after(List.of(recorded.executionNotStarted(sandbox.id(), why)));
      }
    };
  }
}
