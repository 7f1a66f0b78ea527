package dev.gatehouse.sandbox.egress;

import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One step of a sandbox's way out, for the record.
 *
 * @param attempt the same in all steps of one attempt
 * @param method {@code CONNECT}, or an HTTP request's method
 * @param target {@code host:port}; what was written, shortened, where it could not be read
 * @param address what the host was found to be; null if it was never looked up
 * @param entry the entry of the list that allowed it; null if none did
 * @param status how the step ended: {@code allowed}, why it was refused, or how what was allowed
 *     ended
 * @param times how many attempts this tells of; more than one only where there were too many
 */
public record Access(
    Step step,
    String attempt,
    String method,
    String target,
    @Nullable String address,
    @Nullable String entry,
    String status,
    long bytesUp,
    long bytesDown,
    Duration duration,
    int times) {

  /** What happened. */
  public enum Step {
    /** It may go; told before the first byte goes. */
    ALLOWED,
    REFUSED,
    /** What was allowed ended. */
    CLOSED
  }

  /** Where the steps of one sandbox are recorded. */
  @FunctionalInterface
  public interface Journal {
    /** Succeeds once the step is recorded. */
    Future<Void> record(Access access);
  }
}
