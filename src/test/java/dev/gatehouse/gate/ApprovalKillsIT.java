package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What {@code bench/approval-kills} does. */
class ApprovalKillsIT {
  @Test
  void whatWaitsOutlivesKillsAndRunsAtMostOnce() throws Exception {
    String told = ApprovalKills.run(1_000, System.nanoTime());

    assertTrue(told.startsWith("1000 approved"), told);
  }
}
