package dev.gatehouse.audit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A few of the rounds that {@code bench/audit-crash} runs a hundred of. */
class KillIT {
  private static final int ROUNDS = 20;

  @Test
  void whatWasAcknowledgedIsStoredOnceWhateverWasKilled() throws Exception {
    String told = KillRounds.run(ROUNDS, System.nanoTime());

    assertTrue(told.contains("stored once"), told);
  }
}
