package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Edit;
import dev.gatehouse.approval.Moved;
import dev.gatehouse.approval.RefusedException;
import dev.gatehouse.approval.RefusedException.Why;
import dev.gatehouse.approval.Said;
import dev.gatehouse.policy.Policies;
import dev.gatehouse.policy.Policy;
import dev.gatehouse.sandbox.Language;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/**
 * What approvers make of the actions they are asked about. An edited action is decided on by policy
 * like any other, and recorded, before the approver's word counts for it.
 */
public final class Edits {
  private final Policies policies;
  private final Approvals approvals;
  private final Questions questions;
  private final Parts parts;

  public Edits(Parts parts, Questions questions) {
    this.policies = parts.policies();
    this.approvals = parts.approvals();
    this.questions = questions;
    this.parts = parts;
  }

  /** How an edit came out. */
  public sealed interface Outcomes {}

  /** Policy denies the edited action; the question is as it was. */
  public record Denied(Verdict verdict) implements Outcomes {}

  /** The approver's answer was taken for the edited action. */
  public record Taken(Moved moved) implements Outcomes {}

  /**
   * The language of the code that a question is about.
   *
   * @throws RefusedException if it is about something else
   */
  public static Language language(Approval question) {
    return Language.of(question.tool())
        .orElseThrow(() -> notEditable("only actions that run code can be edited"));
  }

  private static RefusedException notEditable(String message) {
    return new RefusedException(Why.NOT_EDITABLE, message);
  }

  /** Approves a question's action with other arguments. */
  public Future<Outcomes> approve(
      Actor by, Approval question, ExecutionArguments arguments, Said said) {
    approvals.refuseUnheard(by, question);
    Policy policy = policies.active();
    if (!policy.digest().equals(question.policy())) {
      throw new RefusedException(
          Why.POLICY_CHANGED, "the policy has changed since this was asked: it must be asked anew");
    }
    Action asked = asked(question);
    if (ExecutionArguments.hasNetwork(asked.arguments()) != (arguments.network() != null)) {
      throw notEditable("an edit can neither add network nor take it away, only change the list");
    }
    if (!arguments.stdin().isEmpty() && isSpokenTo(asked)) {
      throw notEditable("its input is what is sent while it runs: there is no stdin to edit");
    }
    Action action = asked.with(arguments.toMap());
    long startNanos = System.nanoTime();
    Decision decision = policy.foresee(action);
    Verdict verdict = new Verdict(question.action(), decision, System.nanoTime() - startNanos);
    return parts
        .audit()
        .before(List.of(new Recorded(action, verdict, parts.audit().redactor()).decision()))
        .compose(recorded ->
            decision.outcome() == Outcome.DENY
                ? Future.succeededFuture(new Denied(verdict))
                : approvals
                    .edit(by, question.id(), edited(action, decision, question), said)
                    .compose(questions::recorded)
                    .map(Taken::new));
  }

  /** Whether it has input that is sent while it runs. */
  static boolean isSpokenTo(Action action) {
    return action.context().get("execution") instanceof Map<?, ?> execution
        && (execution.containsKey("interactive") || execution.containsKey("pty"));
  }

  /** Where policy demands the same as before, those who are asked by now are those who count. */
  private static Approvals.Edited edited(Action action, Decision decision, Approval question) {
    return new Approvals.Edited(
        CanonicalJson.of(action.arguments()),
        ActionDigest.of(action, decision.policy()),
        decision.risk(),
        Questions.isSame(question, decision) ? null : decision.terms());
  }

  /** The action that a question is about, as its agent asked. */
  static Action asked(Approval question) {
    String arguments = question.arguments();
    if (arguments == null) {
      throw new RefusedException(Why.TOO_LATE, "the question is over");
    }
    return new Action(
        new Actor(
            question.tenant(), question.actor(), Role.AGENT, question.holder(), java.util.Set.of()),
        question.session(),
        question.tool(),
        plain(arguments),
        plain(question.context()));
  }

  /** The action that may run by an approval, for the one that it is presented for. */
  static Action actual(Action action, Approval approval) {
    Edit edit = approval.edit();
    String arguments = edit == null ? null : edit.arguments();
    return arguments == null ? action : action.with(plain(arguments));
  }

  private static Map<String, Object> plain(String json) {
    return new JsonObject(json).getMap();
  }
}
