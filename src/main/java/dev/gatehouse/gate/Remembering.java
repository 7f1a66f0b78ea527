package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.EventKind;
import dev.gatehouse.action.Ids;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Memories;
import dev.gatehouse.approval.Memory;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.Origin;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.approval.Said;
import dev.gatehouse.audit.AuditEvent;
import dev.gatehouse.policy.Policy;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Approvals that hold for later actions, too. Never where a guardrail asks, where the risk is
 * critical, or where several persons must agree; and only for an action that is the same, while the
 * same policy asks about it on the same terms.
 */
public final class Remembering {
  private final Parts parts;
  private final Memories memories;
  private final Questions questions;
  private final Ids ids = new Ids();

  public Remembering(Parts parts, Questions questions) {
    this.parts = parts;
    this.memories = parts.approvals().memories();
    this.questions = questions;
  }

  /** For what an answer is remembered. */
  public enum Scope {
    /** The same in the same session. */
    SESSION,
    /** The same in every session of the same agent. */
    RULE
  }

  /**
   * What a person wants to be remembered.
   *
   * @param seconds for how long
   * @param uses how often at most
   */
  public record Wish(Scope scope, long seconds, int uses) {}

  /**
   * What would be remembered.
   *
   * @param rule as a policy file
   * @param asked what it would have covered
   */
  public record Offer(String rule, Memories.Asked asked) {}

  /** What an answer came to, and what is remembered of it. */
  public record Answered(Moved moved, Memory memory) {}

  /** Shows what would be remembered of a question; fails where nothing may be. */
  public Future<Offer> offer(Actor by, Approval question, Wish wish) {
    parts.approvals().refuseUnheard(by, question);
    Action action = rememberable(question);
    String rule = rule(action, wish, question.id());
    return memories
        .asked(action.actor().tenant(), ActionDigest.same(action), sessionOf(action, wish))
        .map(asked -> new Offer(rule, asked));
  }

  /** Approves, and remembers it. */
  public Future<Answered> approve(Actor by, Approval question, Wish wish, Said said) {
    parts.approvals().refuseUnheard(by, question);
    Action action = rememberable(question);
    if (said.digest() != null && !said.digest().equals(question.runs())) {
      throw new RefusedException(Why.CHANGED, "that is the digest of another action: look again");
    }
    String id = ids.next();
    String rule = rule(action, wish, id);
    Instant now = Instant.now();
    Memory memory =
        new Memory(
            id,
            question.tenant(),
            ActionDigest.same(action),
            sessionOf(action, wish),
            question.actor(),
            question.tool(),
            question.risk(),
            question.policy(),
            question.terms(),
            rule,
            question.id(),
            by.holder(),
            said.reason(),
            wish.uses(),
            0,
            now,
            now.plusSeconds(wish.seconds()));
    // Who names no digest is refused where it was edited meanwhile: no other action is approved.
    return questions
        .answer(by, question.id(), said)
        .compose(moved ->
            memories
                .keep(memory, wish.seconds())
                .compose(kept ->
                    record(
                            EventKind.MEMORY_MADE,
                            kept,
                            by.holder(),
                            question.action(),
                            said.from().withKey(by.name()))
                        .recover(failure -> undo(kept, failure))
                        .map(new Answered(moved, kept))));
  }

  /** What could not be recorded does not hold. */
  private Future<Void> undo(Memory memory, Throwable failure) {
    return memories
        .revoke(memory.tenant(), memory.id(), memory.by())
        .transform(revoked -> Future.failedFuture(failure));
  }

  private static @Nullable String sessionOf(Action action, Wish wish) {
    return wish.scope() == Scope.SESSION ? action.session() : null;
  }

  private static String rule(Action action, Wish wish, String id) {
    return RememberedRule.of(
            action, wish.scope() == Scope.SESSION, id, Instant.now().plusSeconds(wish.seconds()))
        .orElseThrow(() -> never("policy has no terms for exactly this action"));
  }

  /** The action of a question whose answer may be remembered. */
  private Action rememberable(Approval question) {
    Policy policy = parts.policies().active();
    if (!policy.digest().equals(question.policy())) {
      throw new RefusedException(
          Why.POLICY_CHANGED, "the policy has changed since this was asked: it must be asked anew");
    }
    if (question.edit() != null) {
      throw never("the action was edited, and the agent would ask for the one before");
    }
    if (question.terms().quorum() > 1 || question.terms().approvers().size() > 1) {
      throw never("several persons must agree each time");
    }
    Action action = Edits.asked(question);
    Decision decision = policy.foresee(action);
    if (!policy.mayBeRemembered(decision)) {
      throw never("a guardrail asks, the risk is critical, or the action cannot be read");
    }
    if (!question.terms().equals(decision.terms())) {
      throw never("others are asked than usual");
    }
    return action;
  }

  private static RefusedException never(String why) {
    return new RefusedException(Why.NOT_REMEMBERED, "this cannot be remembered: " + why);
  }

  /** Uses what is remembered for an action that policy asks about; nothing if nothing is. */
  Future<Optional<Memory>> use(Action action, Verdict verdict) {
    Decision decision = verdict.decision();
    Policy policy = parts.policies().active();
    if (!policy.digest().equals(decision.policy()) || !policy.mayBeRemembered(decision)) {
      return Future.succeededFuture(Optional.empty());
    }
    return memories
        .find(
            action.actor().tenant(), ActionDigest.same(action), decision.policy(), action.session())
        .compose(found ->
            found.stream()
                .filter(memory -> holds(memory, action, decision))
                .findFirst()
                .map(memory -> use(memory, action, verdict))
                .orElse(Future.succeededFuture(Optional.empty())));
  }

  private Future<Optional<Memory>> use(Memory memory, Action action, Verdict verdict) {
    return memories
        .use(memory.id())
        .compose(used ->
            used.isEmpty()
                ? Future.succeededFuture(used)
                : record(
                        EventKind.MEMORY_USED,
                        used.get(),
                        action.actor().name(),
                        verdict.id(),
                        new JsonObject())
                    .map(used));
  }

  private static boolean holds(Memory memory, Action action, Decision decision) {
    ApprovalTerms terms = decision.terms();
    return decision.outcome() == Outcome.ASK
        && memory.terms().equals(terms)
        && decision.risk().compareTo(memory.risk()) <= 0
        && holds(memory, action);
  }

  /** Whether it is for such an action. */
  private static boolean holds(Memory memory, Action action) {
    return (memory.session() == null || memory.session().equals(action.session()))
        && memory.same().equals(ActionDigest.same(action))
        && RememberedRule.allows(memory.rule(), action);
  }

  /** A page of what is remembered; {@link Memories#page}. */
  public Future<List<Memory>> page(Actor actor, String after, int limit) {
    return memories.page(actor.tenant(), after, limit);
  }

  /** What is remembered under an id. */
  public Future<Memory> find(Actor actor, String id) {
    return memories.get(actor.tenant(), id).map(found -> found.orElseThrow(Remembering::notFound));
  }

  /** An action that nobody asks for. */
  public record Trial(
      String session, String tool, Map<String, Object> arguments, Map<String, Object> context) {}

  /** Whether it would hold for such an action of the agent that it is for. */
  public Future<Boolean> test(Actor actor, String id, Trial trial) {
    return find(actor, id)
        .map(memory ->
            memory.policy().equals(parts.policies().active().digest())
                && holds(
                    memory,
                    new Action(
                        new Actor(memory.tenant(), memory.actor(), Role.AGENT),
                        trial.session(),
                        trial.tool(),
                        trial.arguments(),
                        trial.context())));
  }

  /** Ends it at once. */
  public Future<Memory> revoke(Actor by, String id, Origin from) {
    return memories
        .revoke(by.tenant(), id, by.holder())
        .map(found -> found.orElseThrow(Remembering::notFound))
        .compose(memory ->
            record(
                    EventKind.MEMORY_REVOKED,
                    memory,
                    by.holder(),
                    memory.id(),
                    from.withKey(by.name()))
                .map(memory));
  }

  private static RefusedException notFound() {
    return new RefusedException(Why.NOT_FOUND, "nothing is remembered under this id");
  }

  /**
   * @param from how a person said it; empty where nobody did
   */
  private Future<Void> record(
      EventKind kind, Memory memory, String actor, String action, JsonObject from) {
    JsonObject detail =
        from.copy()
            .put("memory", memory.id())
            .put("approval", memory.approval())
            .put("by", memory.by())
            .put("scope", memory.session() == null ? "rule" : "session")
            .put("same", memory.same())
            .put("agent", memory.actor())
            .put("uses", memory.uses())
            .put("maxUses", memory.maxUses())
            .put("expiresAt", memory.expiresAt().toString());
    return parts
        .audit()
        .before(
            List.of(
                new AuditEvent(
                    Instant.now(),
                    kind,
                    action,
                    null,
                    memory.tenant(),
                    memory.session(),
                    actor,
                    null,
                    memory.tool(),
                    memory.risk().name(),
                    null,
                    null,
                    memory.policy(),
                    null,
                    null,
                    null,
                    detail.encode())));
  }
}
