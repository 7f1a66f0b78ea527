package dev.gatehouse.latency;

/**
 * How an objective stands at one moment.
 *
 * @param name the objective's
 * @param of what it is about: a metric's word, {@code audit} or {@code memory}
 * @param unit of target and current value
 * @param target what the current value must not exceed; per second, what it must reach
 * @param current the value now, of the objective's window; 0 while there is no data
 * @param count how many measurements it is of
 * @param window words that say which time it is of
 * @param budgetLeft which share of what may exceed the target is left, 1 for all; below 0 when
 *     overdrawn; per second, by how much the target is exceeded, as a share of it, 1 at most
 */
public record Standing(
    String name,
    String of,
    String unit,
    double target,
    double current,
    long count,
    String window,
    double budgetLeft,
    State state) {

  /** What can be said. */
  public enum State {
    /** Too few measurements to tell. */
    NO_DATA("no-data"),
    MET("met"),
    BREACHED("breached");

    private final String word;

    State(String word) {
      this.word = word;
    }

    /** The word that is shown. */
    public String word() {
      return word;
    }
  }
}
