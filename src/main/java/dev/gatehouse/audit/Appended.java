package dev.gatehouse.audit;

import io.vertx.core.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one caller appended: committed together, answered together. */
final class Appended {
  /** What a part takes in memory and in its statement, about. */
  private static final int PART_BYTES = 2048;

  final List<AuditEvent> events;

  /** Bytes it takes in memory, about. */
  final int weight;

  final long queuedNanos = System.nanoTime();
  final Promise<Void> promise;

  /** What is committed with them, or not at all; null for nothing. */
  private @Nullable Part<?, ?> part;

  private boolean answered;

  Appended(List<AuditEvent> events, @Nullable Part<?, ?> part, Promise<Void> promise) {
    this.events = events;
    this.part = part;
    this.weight =
        events.stream().mapToInt(AuditEvent::weight).sum() + (part == null ? 0 : PART_BYTES);
    this.promise = promise;
  }

  /** Tells the caller, who may have been told already that it took too long. */
  void committed() {
    if (!answered) {
      answered = true;
      promise.complete();
    }
  }

  @Nullable Part<?, ?> part() {
    return part;
  }

  /** Whether the caller has been told what came of it, so that nothing may be done for him. */
  boolean isAnswered() {
    return answered;
  }

  /** The events will be sent again, alone: whether the part was committed nobody knows. */
  void losePart() {
    if (part != null) {
      part = null;
      fail("the audit store went away");
    }
  }

  /**
   * Tells the caller that his events are not committed in time. They may still be.
   *
   * @return whether he had not been told before
   */
  boolean late(long limitMillis) {
    return fail("not committed within " + limitMillis + " ms");
  }

  private boolean fail(String why) {
    if (answered) {
      return false;
    }
    answered = true;
    promise.fail(new AuditUnavailableException(AuditUnavailableException.Cause.AWAY, why));
    return true;
  }
}
