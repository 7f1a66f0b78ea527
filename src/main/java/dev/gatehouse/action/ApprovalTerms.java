package dev.gatehouse.action;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * On what terms persons may release an action that policy asks about. The requester is never one of
 * them.
 *
 * @param approvers lists of {@code group:NAME}, {@code role:approver} and names of persons: each
 *     list must be satisfied; no list means that anyone with the approver role counts
 * @param quorum how many distinct persons must approve, in all and of each list, at least 1; of a
 *     list that names fewer all; one who is in several lists counts for each
 * @param timeoutMillis how long the question stays open, in milliseconds, at least 1
 * @param reasonRequired whether the answer must carry a reason
 * @param escalation who are asked instead, for as long again, when the time is over: each list of
 *     approvers in its turn; without one left the question expires
 * @param remindMillis after how long, again and again, those who are asked are told that it still
 *     waits, in milliseconds; 0 for never
 * @param duty the approvers' hours, each of which must hold where the question is asked; without
 *     any all do. At others the next of the escalation are asked, or nobody
 * @param preview whether the action is tried as soon as it is asked about, for approvers to see
 */
public record ApprovalTerms(
    List<List<String>> approvers,
    int quorum,
    long timeoutMillis,
    boolean reasonRequired,
    List<List<String>> escalation,
    long remindMillis,
    List<Hours> duty,
    boolean preview) {
  /** Whoever has an approver's key. */
  public static final String ANY_APPROVER = "role:approver";

  public ApprovalTerms {
    approvers = approvers.stream().map(List::copyOf).toList();
    escalation = escalation.stream().map(List::copyOf).toList();
    duty = List.copyOf(duty);
    if (approvers.stream().anyMatch(List::isEmpty) || escalation.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException("a list of approvers is empty: nobody could approve");
    }
    if (quorum < 1) {
      throw new IllegalArgumentException("quorum is " + quorum + ", expected at least 1");
    }
    if (timeoutMillis < 1) {
      throw new IllegalArgumentException("timeoutMillis is " + timeoutMillis + ", expected >= 1");
    }
    if (remindMillis < 0) {
      throw new IllegalArgumentException("remindMillis is " + remindMillis + ", expected >= 0");
    }
  }

  /** Terms without a preview. */
  public ApprovalTerms(
      List<List<String>> approvers,
      int quorum,
      long timeoutMillis,
      boolean reasonRequired,
      List<List<String>> escalation,
      long remindMillis,
      List<Hours> duty) {
    this(approvers, quorum, timeoutMillis, reasonRequired, escalation, remindMillis, duty, false);
  }

  /** Terms without reminders, at any hour. */
  public ApprovalTerms(
      List<List<String>> approvers,
      int quorum,
      long timeoutMillis,
      boolean reasonRequired,
      List<List<String>> escalation) {
    this(approvers, quorum, timeoutMillis, reasonRequired, escalation, 0, List.of());
  }

  /** Terms that lapse with their time. */
  public ApprovalTerms(
      List<List<String>> approvers, int quorum, long timeoutMillis, boolean reasonRequired) {
    this(approvers, quorum, timeoutMillis, reasonRequired, List.of());
  }

  /**
   * Terms that hold both these and the others: who fulfils them fulfils either. Others are asked
   * later only where both say so.
   */
  public ApprovalTerms and(ApprovalTerms other) {
    Set<List<String>> both = new LinkedHashSet<>(beside(other));
    both.addAll(other.beside(this));
    Set<Hours> hours = new LinkedHashSet<>(duty);
    hours.addAll(other.duty);
    return new ApprovalTerms(
        new ArrayList<>(both),
        Math.max(quorum, other.quorum),
        Math.min(timeoutMillis, other.timeoutMillis),
        reasonRequired || other.reasonRequired,
        escalation.equals(other.escalation) ? escalation : List.of(),
        remindMillis == 0 || other.remindMillis == 0
            ? Math.max(remindMillis, other.remindMillis)
            : Math.min(remindMillis, other.remindMillis),
        new ArrayList<>(hours),
        preview || other.preview);
  }

  /** The lists, where others have some: several of anybody are more than one whom a list names. */
  private List<List<String>> beside(ApprovalTerms other) {
    boolean anybody = approvers.isEmpty() && quorum > 1 && !other.approvers.isEmpty();
    return anybody ? List.of(List.of(ANY_APPROVER)) : approvers;
  }

  /** How many of one of the lists must approve. */
  public int quorumOf(List<String> list) {
    boolean persons = list.stream().noneMatch(ApprovalTerms::isMany);
    return persons ? Math.min(quorum, Set.copyOf(list).size()) : quorum;
  }

  /** Whether an entry of a list may stand for several persons. */
  public static boolean isMany(String approver) {
    return approver.startsWith("group:") || approver.startsWith("role:");
  }

  /** These terms, with a reason. */
  public ApprovalTerms withReason() {
    return reasonRequired
        ? this
        : new ApprovalTerms(
            approvers, quorum, timeoutMillis, true, escalation, remindMillis, duty, preview);
  }

  /**
   * Whether who fulfilled these has fulfilled the others, too. Not how long the others would have
   * waited, or who would have been asked after that.
   */
  public boolean cover(ApprovalTerms other) {
    return approvers.containsAll(other.approvers)
        && quorum >= other.quorum
        && (reasonRequired || !other.reasonRequired)
        && duty.containsAll(other.duty)
        && (preview || !other.preview);
  }

  /** Whether those who are asked first are on duty at a moment, in milliseconds since the epoch. */
  public boolean onDuty(long millis) {
    return duty.stream().allMatch(hours -> hours.cover(millis));
  }

  /** The terms on which the next of the escalation are asked; null without any. */
  public @Nullable ApprovalTerms escalated() {
    return escalation.isEmpty()
        ? null
        : new ApprovalTerms(
            escalation.subList(0, 1),
            quorum,
            timeoutMillis,
            reasonRequired,
            escalation.subList(1, escalation.size()),
            remindMillis,
            List.of(),
            preview);
  }
}
