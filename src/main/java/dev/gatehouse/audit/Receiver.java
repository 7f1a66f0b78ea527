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

  /** What is sent will not be taken, however often. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message, null, false, false);
    }
  }
}
