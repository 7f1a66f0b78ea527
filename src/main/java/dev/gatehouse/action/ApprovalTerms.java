package dev.gatehouse.action;

import java.util.List;

/**
 * On what terms a person may release an action that policy asks about.
 *
 * @param approvers groups or names that may answer; empty means anyone with the approver role
 * @param quorum how many distinct persons must approve, at least 1
 * @param timeoutMillis how long the question stays open, in milliseconds, at least 1
 * @param reasonRequired whether the answer must carry a reason
 */
public record ApprovalTerms(
    List<String> approvers, int quorum, long timeoutMillis, boolean reasonRequired) {
  public ApprovalTerms {
    approvers = List.copyOf(approvers);
    if (quorum < 1) {
      throw new IllegalArgumentException("quorum is " + quorum + ", expected at least 1");
    }
    if (timeoutMillis < 1) {
      throw new IllegalArgumentException("timeoutMillis is " + timeoutMillis + ", expected >= 1");
    }
  }
}
