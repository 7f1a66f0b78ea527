package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.ApprovalEvent;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Consumption;
import dev.gatehouse.approval.EventCursor;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.approval.Said;
import dev.gatehouse.approval.TermsJson;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.store.StoreBusyException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions to persons, as agents and approvers may deal with them, each move recorded before the
 * answer. Agents see their own questions, everybody else those of the tenant.
 */
public final class Questions {
  private static final Logger LOGGER = LoggerFactory.getLogger(Questions.class);

  private final Approvals approvals;
  private final AuditLog audit;

  public Questions(Approvals approvals, AuditLog audit) {
    this.approvals = approvals;
    this.audit = audit;
  }

  /** How a question stands; fails for who may not see it as if there were none. */
  public Future<Approval> find(Actor actor, String id) {
    return approvals
        .find(actor.tenant(), id)
        .map(found -> found.filter(known -> maySee(actor, known)).orElseThrow(Questions::notFound));
  }

  private static boolean maySee(Actor actor, Approval approval) {
    return actor.role() != Role.AGENT || actor.name().equals(approval.actor());
  }

  private static RefusedException notFound() {
    return new RefusedException(Why.NOT_FOUND, "there is no such approval");
  }

  /** The same after an answer, or after so long: for those to see who asked. */
  public Future<Approval> await(Actor actor, String id, long millis, Future<?> gone) {
    return find(actor, id)
        .compose(found -> approvals.await(found, millis, gone))
        .onSuccess(now -> {
          if (now.isOpen() && actor.role() == Role.APPROVER) {
            approvals.shown(now, actor);
          }
        });
  }

  /** A page of what the actor may see; {@link Approvals#page}. */
  public Future<List<Approval>> page(
      Actor actor, Approval.@Nullable State state, String after, int limit) {
    return approvals.page(actor.tenant(), state, ownOnly(actor), after, limit);
  }

  /** Where the events end now. */
  public Future<EventCursor> end() {
    return approvals.end();
  }

  /** The events that the actor may see; {@link Approvals#after}. */
  public Future<List<Moved>> after(Actor actor, EventCursor cursor, int limit) {
    return approvals.after(cursor, actor.tenant(), ownOnly(actor), limit);
  }

  private static @Nullable String ownOnly(Actor actor) {
    return actor.role() == Role.AGENT ? actor.name() : null;
  }

  /** Answers. */
  public Future<Moved> answer(Actor by, String id, Said said) {
    return approvals.answer(by, id, said).compose(this::recorded);
  }

  /** Whether an answer that failed so has moved nothing. */
  static boolean wasNotStored(Throwable failure) {
    return failure instanceof StoreBusyException
        || (failure instanceof RefusedException refused && refused.why() != Why.NOT_REMEMBERED);
  }

  /** Has an answer recorded that came to be refused; what it came to stays what it is. */
  public <T> Future<T> hear(Actor by, String id, Said said, Future<T> answer) {
    return answer.recover(failure ->
        failure instanceof RefusedException refused
            ? refused(by, id, said, refused).transform(told -> Future.failedFuture(failure))
            : Future.failedFuture(failure));
  }

  /** Has it recorded, if there is such a question, that an answer was not taken. */
  public Future<Void> refused(Actor by, String id, Said said, RefusedException why) {
    return approvals
        .find(by.tenant(), id)
        .compose(found ->
            found.isEmpty()
                ? Future.succeededFuture()
                : audit.after(List.of(ApprovalRecord.refused(found.get(), by, said, why))));
  }

  public Future<Moved> claim(Actor by, String id, Origin from) {
    return approvals
        .claim(by, id, from)
        .compose(this::recorded)
        .onSuccess(moved -> shown(by, moved));
  }

  /** A person is shown a question, whole, in the answer to what he did to it. */
  void shown(Actor by, Moved moved) {
    approvals.shown(moved.approval(), by);
  }

  /** Takes a question back, or a right that was not used. */
  public Future<Moved> cancel(Actor by, String id, Origin from) {
    return find(by, id).compose(found -> approvals.cancel(found, by, from)).compose(this::recorded);
  }

  Future<Moved> recorded(Moved moved) {
    return audit
        .after(List.of(ApprovalRecord.of(moved)))
        .onSuccess(done -> approvals.recorded(moved.event()))
        .map(moved);
  }

  /** Asks, or joins the same question; fails where it cannot be asked, and records that too. */
  Future<Approval> ask(String id, Action action, Verdict verdict) {
    AuditEvent decision = new Recorded(action, verdict, audit.redactor()).decision();
    ApprovalTerms terms = termsNow(verdict.decision());
    if (terms == null) {
      RefusedException offDuty =
          new RefusedException(Why.OFF_DUTY, "nobody who could be asked is on duty now");
      return notStarted(action, verdict, offDuty);
    }
    return audit
        .before(List.of(decision))
        .compose(recorded -> approvals.open(question(id, action, verdict, terms)))
        .compose(asked -> {
          ApprovalEvent event = asked.event();
          return event == null
              ? Future.succeededFuture(asked.approval())
              : recorded(new Moved(asked.approval(), event)).map(asked.approval());
        });
  }

  /** The terms, or, where those who are asked first are off duty, the next ones'; null for none. */
  private static @Nullable ApprovalTerms termsNow(Decision decision) {
    ApprovalTerms terms = Objects.requireNonNull(decision.terms(), "ASK without terms");
    return terms.onDuty(System.currentTimeMillis()) ? terms : terms.escalated();
  }

  /** Records that an action is refused for a reason that is not policy's, then fails with it. */
  <T> Future<T> notStarted(Action action, Verdict verdict, RefusedException why) {
    Recorded recorded = new Recorded(action, verdict, audit.redactor());
    return audit
        .before(
            List.of(
                recorded.decision(),
                recorded.executionNotStarted(null, String.valueOf(why.getMessage()))))
        .compose(done -> Future.failedFuture(why));
  }

  private static Approval question(String id, Action action, Verdict verdict, ApprovalTerms terms) {
    Decision decision = verdict.decision();
    Instant now = Instant.now();
    JsonArray reasons = new JsonArray();
    decision
        .reasons()
        .forEach(reason ->
            reasons.add(
                new JsonObject()
                    .put("rule", reason.rule())
                    .put("code", reason.code())
                    .put("text", reason.text())));
    return new Approval(
        id,
        verdict.id(),
        action.actor().tenant(),
        action.session(),
        action.actor().name(),
        action.actor().holder(),
        action.tool(),
        decision.risk(),
        ActionDigest.of(action, decision.policy()),
        ActionDigest.same(action),
        decision.policy(),
        demand(decision),
        terms,
        reasons.encode(),
        CanonicalJson.of(action.context()),
        CanonicalJson.of(action.arguments()),
        null,
        Approval.State.PENDING,
        0,
        1,
        null,
        List.of(),
        now,
        now.plusMillis(terms.timeoutMillis()),
        null,
        null);
  }

  /** What policy demands of those who release an action, as a digest. */
  private static String demand(Decision decision) {
    ApprovalTerms terms = Objects.requireNonNull(decision.terms(), "ASK without terms");
    return ActionDigest.sha256(decision.risk() + TermsJson.of(terms).encode());
  }

  /** Whether policy demands of an action what it demanded when the question was asked. */
  static boolean isSame(Approval question, Decision now) {
    return now.terms() != null && question.demand().equals(demand(now));
  }

  /**
   * Whether an answer to a question is all that policy demands of the same action now: the same, or
   * no more.
   */
  static boolean isEnough(Approval answered, Decision now) {
    ApprovalTerms terms = now.terms();
    return terms == null
        || isSame(answered, now)
        || (now.risk().compareTo(answered.risk()) <= 0 && answered.terms().cover(terms));
  }

  /** The approval that an agent presents for an action; fails, recorded, for any other action. */
  Future<Approval> presented(Action action, Verdict verdict, String id) {
    return find(action.actor(), id)
        .compose(found -> {
          if (found.digest().equals(digest(action, found))) {
            return Future.succeededFuture(found);
          }
          return notStarted(
              action,
              verdict,
              new RefusedException(Why.MISMATCH, "the approval is for another action"));
        });
  }

  /** What the action's digest would be under the policy that asked. */
  String digest(Action action, Approval approval) {
    return ActionDigest.of(action, approval.policy());
  }

  /** Fails where a consent cannot be used, as far as is known. */
  static Future<Void> check(@Nullable Consent consent) {
    return consent == null
        ? Future.succeededFuture()
        : Future.succeededFuture(consent).map(Consent::use).mapEmpty();
  }

  /**
   * Records what is about to begin and, in the same transaction, that the consent to it is used up.
   *
   * @param consent null where none is needed
   * @return succeeds when it may begin; where it fails for want of the right, the events are
   *     recorded nevertheless
   */
  Future<Void> begin(List<AuditEvent> events, @Nullable Consent consent) {
    if (consent == null) {
      return audit.before(events);
    }
    return check(consent)
        .recover(refused -> audit.before(events).compose(told -> Future.failedFuture(refused)))
        .compose(may -> {
          Consumption use = consent.use();
          return audit
              .before(events, approvals.consumptions(), use)
              .compose(done -> approvals.consumed(use, done));
        })
        .map(moved -> {
          // Before the end of what begins, as it is queued before that.
          recorded(moved)
              .onFailure(late ->
                  LOGGER.warn("an approval's use waits for its commit: {}", late.getMessage()));
          return null;
        });
  }

  /** Records the end of what did not begin, although the log may have its beginning. */
  void settle(AuditEvent end) {
    audit
        .after(List.of(end))
        .onFailure(late -> LOGGER.warn("an end waits for its commit: {}", late.getMessage()));
  }

  /** Nobody answered yet. If the caller has gone for good, so does his question. */
  Future<Approval> stillWaiting(Approval question, Asking asking) {
    if (!asking.gone().isComplete() || asking.leavesItOpen()) {
      return Future.succeededFuture(question);
    }
    return approvals
        .leave(question)
        .compose(cancelled ->
            cancelled.isPresent()
                ? recorded(cancelled.get()).map(Moved::approval)
                : Future.succeededFuture(question));
  }
}
