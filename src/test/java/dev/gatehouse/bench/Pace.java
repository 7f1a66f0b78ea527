package dev.gatehouse.bench;

import java.util.Locale;

/** How long a run may take; the system property {@value #PROPERTY} hands it to the scenarios. */
public enum Pace {
  /** All scenarios, some 20 minutes on two cores. */
  FULL(5, 1),
  /** All scenarios, a few minutes: to see that they run. */
  QUICK(2, 0.34),
  /** Few scenarios, under two minutes, judged by their ratios alone. */
  CI(3, 0.5);

  static final String PROPERTY = "bench.pace";

  private final int rounds;
  private final double share;

  Pace(int rounds, double share) {
    this.rounds = rounds;
    this.share = share;
  }

  /** The one of this process. */
  public static Pace current() {
    return valueOf(System.getProperty(PROPERTY, "full").toUpperCase(Locale.ROOT));
  }

  /** How often each scenario measures. */
  public int rounds() {
    return rounds;
  }

  /** So many seconds, samples or repetitions in a full run: how many in this one, 1 at least. */
  public int of(int full) {
    return (int) Math.max(1, Math.round(full * share));
  }
}
