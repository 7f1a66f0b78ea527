package dev.gatehouse.gate;

import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Consumption;

/**
 * A person's approval, and the action it is presented for.
 *
 * @param digest of that action
 */
record Consent(Approval approval, String digest) {
  /**
   * Its use, which counts once it is committed.
   *
   * @throws dev.gatehouse.approval.RefusedException if it was no right when it was seen, or one to
   *     another action
   */
  Consumption use() {
    return Consumption.of(approval, digest);
  }
}
