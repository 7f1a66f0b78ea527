package dev.gatehouse.gate;

import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Moved;
import io.vertx.core.Future;

/**
 * A person's approval, and the action it is presented for.
 *
 * @param digest of that action
 */
record Consent(Approval approval, String digest) {
  /** Uses it up; fails unless it is unused, not lapsed, and for exactly this action. */
  Future<Moved> take(Approvals approvals) {
    return approvals.consume(approval, digest);
  }
}
