package dev.gatehouse.gate;

import dev.gatehouse.approval.Approvals;
import dev.gatehouse.audit.AuditLog;
import dev.gatehouse.config.ApprovalSettings;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.policy.Policies;
import dev.gatehouse.sandbox.Sandboxes;
import dev.gatehouse.store.IdempotencyKeys;

/**
 * What the gate joins together; shared by the gates of all event loops.
 *
 * @param previews what trying an action may take
 * @param decisions which decisions on what others run are recorded; what runs here always is
 */
public record Parts(
    Policies policies,
    Approvals approvals,
    Sandboxes sandboxes,
    AuditLog audit,
    ExecutionPlaces executions,
    Drain drain,
    Allowances allowances,
    SecretStore secrets,
    BackgroundExecutions background,
    IdempotencyKeys idempotencyKeys,
    LatencyRegistry latency,
    ApprovalSettings.Preview previews,
    DecisionRecording decisions) {
  /** Questions to persons, as they may be asked and answered. */
  public Questions questions() {
    return new Questions(approvals, audit);
  }
}
