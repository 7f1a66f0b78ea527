package dev.gatehouse.approval;

/**
 * A place among the events of all questions. The transaction comes first: sequences are given
 * before their commit, so a later one may be seen earlier.
 */
public record EventCursor(long transaction, long sequence) {
  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if it did not
   */
  public static EventCursor parse(String text) {
    int point = text.indexOf('.');
    if (point < 1 || !text.matches("\\d{1,19}\\.\\d{1,19}")) {
      throw new IllegalArgumentException("expected the id of an event");
    }
    return new EventCursor(
        Long.parseLong(text.substring(0, point)), Long.parseLong(text.substring(point + 1)));
  }

  @Override
  public String toString() {
    return transaction + "." + sequence;
  }
}
