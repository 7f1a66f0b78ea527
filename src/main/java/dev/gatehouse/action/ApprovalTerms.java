package dev.gatehouse.action;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * On what terms persons may release an action that policy asks about. The requester is never one of
 * them.
 *
 * @param approvers lists of {@code group:NAME}, {@code role:approver} and names of persons: each
 *     list must be satisfied; no list means that anyone with the approver role counts
 * @param quorum how many distinct persons of each list must approve, at least 1; one who is in
 *     several lists counts for each
 * @param timeoutMillis how long the question stays open, in milliseconds, at least 1
 * @param reasonRequired whether the answer must carry a reason
 */
public record ApprovalTerms(
    List<List<String>> approvers, int quorum, long timeoutMillis, boolean reasonRequired) {
  public ApprovalTerms {
    approvers = approvers.stream().map(List::copyOf).toList();
    if (approvers.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException("a list of approvers is empty: nobody could approve");
    }
    if (quorum < 1) {
      throw new IllegalArgumentException("quorum is " + quorum + ", expected at least 1");
    }
    if (timeoutMillis < 1) {
      throw new IllegalArgumentException("timeoutMillis is " + timeoutMillis + ", expected >= 1");
    }
  }

  /** Terms that hold both these and the others: who fulfils them fulfils either. */
  public ApprovalTerms and(ApprovalTerms other) {
    Set<List<String>> both = new LinkedHashSet<>(approvers);
    both.addAll(other.approvers);
    return new ApprovalTerms(
        new ArrayList<>(both),
        Math.max(quorum, other.quorum),
        Math.min(timeoutMillis, other.timeoutMillis),
        reasonRequired || other.reasonRequired);
  }
}
