package dev.gatehouse.action;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the policy answers to one action. Immutable, and shared between actions that get the same
 * answer, so it carries nothing of the single request; the gate measures the time taken.
 *
 * @param outcome what happens next
 * @param risk the worst risk of all rules that matched
 * @param score 0 (harmless) to 100 (certain harm), for sorting and thresholds
 * @param reasons one per rule that matched, the deciding one first; never empty
 * @param reasonsCut how many more reasons there are, of those that count least
 * @param obligations what must hold if the action runs
 * @param terms the terms of approval; null unless the outcome is {@link Outcome#ASK}
 * @param policy digest of the policy that decided, {@code sha256:} and 64 hex digits
 */
public record Decision(
    Outcome outcome,
    Risk risk,
    int score,
    List<Reason> reasons,
    int reasonsCut,
    Set<Obligation> obligations,
    @Nullable ApprovalTerms terms,
    String policy) {
  public Decision {
    reasons = List.copyOf(reasons);
    obligations = Set.copyOf(obligations);
    if (reasons.isEmpty()) {
      throw new IllegalArgumentException("a decision without a reason");
    }
    if ((outcome == Outcome.ASK) != (terms != null)) {
      throw new IllegalArgumentException("terms belong to ASK and to nothing else");
    }
    if (reasonsCut < 0) {
      throw new IllegalArgumentException("reasonsCut is " + reasonsCut + ", expected >= 0");
    }
    if (score < 0 || score > 100) {
      throw new IllegalArgumentException("score is " + score + ", expected 0 to 100");
    }
  }
}
