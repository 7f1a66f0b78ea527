package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Ids;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.approval.RightGoneException;
import dev.gatehouse.gate.Passage.Denied;
import dev.gatehouse.gate.Passage.Refused;
import dev.gatehouse.gate.Passage.Waiting;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What becomes of an action that somebody wants done here: it runs, or is denied, or waits until a
 * person has answered; and then policy is asked again. Confined to one event loop.
 */
final class Enforcement {
  private final Parts parts;
  private final Questions questions;
  private final Ids ids;
  private final Function<Action, Verdict> classify;
  private final Function<Action, Verdict> reclassify;
  private final Previews previews;
  private final Remembering remembering;
  private final LatencyRecorder waitLatency;

  /**
   * Makes one.
   *
   * @param classify what policy, as it is now, says of an action that comes
   * @param reclassify the same of one that came before, and was counted then
   */
  Enforcement(
      Parts parts,
      Questions questions,
      Ids ids,
      Function<Action, Verdict> classify,
      Function<Action, Verdict> reclassify) {
    this.parts = parts;
    this.questions = questions;
    this.ids = ids;
    this.classify = classify;
    this.reclassify = reclassify;
    this.previews = new Previews(parts, questions);
    this.remembering = new Remembering(parts, questions);
    this.waitLatency = parts.latency().recorder(Metric.APPROVAL_WAIT);
  }

  /** What is done with an action that may run. */
  interface Allowed<T> {
    Future<Passage<T>> run(Permit permit);
  }

  /** Classifies; goes on where policy or a person allows, else answers that it does not. */
  <T> Future<Passage<T>> pass(Action action, Asking asking, Allowed<T> allowed) {
    String approval = asking.approval();
    Verdict verdict = approval == null ? classify.apply(action) : again(action);
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

  /** What no person is asked about by now counts like any other, whatever approval it shows. */
  private Verdict again(Action action) {
    Verdict verdict = reclassify.apply(action);
    return verdict.decision().outcome() == Outcome.ALLOW ? classify.apply(action) : verdict;
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
    if (FileAccess.isUnknownContent(action)) {
      return questions.notStarted(
          action,
          verdict,
          new RefusedException(
              Why.CONTENT_UNKNOWN, "a person is asked about this only with the content's sha256"));
    }
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
    boolean allows = fresh.decision().outcome() == Outcome.ALLOW;
    if (allows && !approval.isOpen() && approval.state() != Approval.State.APPROVED) {
      // What was denied stays so, and what ran does not run again by the same word.
      return Future.succeededFuture(new Refused<>(fresh, approval));
    }
    if (approval.edit() != null) {
      return passEdited(approval, action, asking, allowed);
    }
    if (mustBeSealed(action, fresh)) {
      return notSealed(action, fresh);
    }
    return switch (fresh.decision().outcome()) {
      // Nobody need answer any more; who has is taken at his word, once.
      case ALLOW ->
          approval.isOpen()
              ? allowed.run(new Permit(action, fresh, null))
              : hold(approval, action, action, goesOn(approval, fresh), asking, allowed);
      case DENY -> deny(action, fresh);
      case ASK ->
          stillHolds(approval, fresh)
              ? hold(approval, action, action, goesOn(approval, fresh), asking, allowed)
              : ask(action, fresh, asking.withoutApproval(), allowed);
    };
  }

  /** As {@link #passWith}; only what the approver made of the action may run, and only once. */
  private <T> Future<Passage<T>> passEdited(
      Approval approval, Action action, Asking asking, Allowed<T> allowed) {
    Action actual = Edits.actual(action, approval);
    Verdict fresh = reclassify.apply(actual);
    if (mustBeSealed(actual, fresh)) {
      return notSealed(actual, fresh);
    }
    if (fresh.decision().outcome() == Outcome.DENY) {
      return deny(actual, fresh);
    }
    return stillHolds(approval, fresh)
        ? hold(approval, action, actual, goesOn(approval, fresh), asking, allowed)
        : pass(action, asking.withoutApproval(), allowed);
  }

  /** Whether it is the policy that asked, and it demands no more by now than it did. */
  private static boolean stillHolds(Approval approval, Verdict fresh) {
    return fresh.decision().policy().equals(approval.policy())
        && Questions.isEnough(approval, fresh.decision());
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
          return allowed
              .run(new Permit(actual, verdict, consent))
              .recover(failure ->
                  failure instanceof RightGoneException gone
                      ? Future.succeededFuture(new Refused<>(verdict, gone.approval()))
                      : Future.failedFuture(failure));
        });
  }
}
