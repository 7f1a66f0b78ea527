package dev.gatehouse.sandbox;

import dev.gatehouse.config.LimitSettings.Quota;
import dev.gatehouse.config.SandboxSettings.Profile;

/**
 * How many sandboxes, how much memory and how many processor shares may be taken at once, and how
 * many are. Confined to the sandbox loop.
 */
final class Budget {
  private static final int MILLIS = 1000;

  private final Quota limit;
  private int sandboxes;
  private long memoryMib;

  /** In thousandths: what is taken and given back in parts must come to nothing again. */
  private long milliCpus;

  Budget(Quota limit) {
    this.limit = limit;
  }

  /** Whether one more of the profile may be taken. */
  boolean fits(Profile profile) {
    return isWithin(sandboxes + 1L, limit.sandboxes())
        && isWithin(memoryMib + profile.memoryMib(), limit.memoryMib())
        && isWithin(milliCpus + milliCpus(profile), Math.round(limit.cpus() * MILLIS));
  }

  private static boolean isWithin(long wanted, long limit) {
    return limit == 0 || wanted <= limit;
  }

  void take(Profile profile) {
    sandboxes++;
    memoryMib += profile.memoryMib();
    milliCpus += milliCpus(profile);
  }

  void give(Profile profile) {
    sandboxes--;
    memoryMib -= profile.memoryMib();
    milliCpus -= milliCpus(profile);
  }

  private static long milliCpus(Profile profile) {
    return Math.round(profile.cpus() * MILLIS);
  }

  boolean isUntouched() {
    return sandboxes == 0;
  }

  int sandboxes() {
    return sandboxes;
  }

  long memoryMib() {
    return memoryMib;
  }

  Quota limit() {
    return limit;
  }
}
