package dev.gatehouse.audit;

import io.vertx.core.Future;
import java.util.List;

/** Takes events away. */
interface Receiver {
  /**
   * Delivers events.
   *
   * @return fails with {@link RefusedException} if they will never be taken, with anything else if
   *     they may be later
   */
  Future<Void> deliver(List<StoredEvent> events);

  /**
   * Whether each event that it wants is a message of its own, which is not sent again once taken.
   */
  default boolean takesEach() {
    return false;
  }

  /** Whether it sends such an event anywhere. */
  default boolean wants(StoredEvent event) {
    return true;
  }

  /**
   * Delivers to a receiver that remembers what it was given before. What it remembers is kept with
   * the place in the log, so both are of the same moment whatever crashes.
   *
   * @param memory what it remembered after the events before these; empty before the first
   * @return what it remembers now
   */
  default Future<String> deliver(List<StoredEvent> events, String memory) {
    return deliver(events).map(memory);
  }

  /** What is sent will not be taken, however often. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message, null, false, false);
    }
  }
}
