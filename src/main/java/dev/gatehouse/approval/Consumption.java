package dev.gatehouse.approval;

/** The use of a right, on its way into the transaction that records what it is used for. */
public final class Consumption {
  private final Move move;

  private Consumption(Move move) {
    this.move = move;
  }

  /**
   * Of a right as it was just seen.
   *
   * @param digest of the action that shall run
   * @throws RefusedException if it was none then, or one to another action
   */
  public static Consumption of(Approval right, String digest) {
    return new Consumption(Moves.consume(right, digest));
  }

  Move move() {
    return move;
  }
}
