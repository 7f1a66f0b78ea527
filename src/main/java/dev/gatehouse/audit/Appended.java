package dev.gatehouse.audit;

import io.vertx.core.Promise;
import java.util.List;

/** What one caller appended: committed together, answered together. */
final class Appended {
  final List<AuditEvent> events;

  /** Bytes it takes in memory, about. */
  final int weight;

  final long queuedNanos = System.nanoTime();
  final Promise<Void> promise;
  private boolean answered;

  Appended(List<AuditEvent> events, Promise<Void> promise) {
    this.events = events;
    this.weight = events.stream().mapToInt(AuditEvent::weight).sum();
    this.promise = promise;
  }

  /** Tells the caller, who may have been told already that it took too long. */
  void committed() {
    if (!answered) {
      answered = true;
      promise.complete();
    }
  }

  /**
   * Tells the caller that his events are not committed in time. They may still be.
   *
   * @return whether he had not been told before
   */
  boolean late(long limitMillis) {
    if (!answered) {
      answered = true;
      promise.fail(
          new AuditUnavailableException(
              AuditUnavailableException.Cause.AWAY, "not committed within " + limitMillis + " ms"));
      return true;
    }
    return false;
  }
}
