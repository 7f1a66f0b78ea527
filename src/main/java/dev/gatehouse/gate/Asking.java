package dev.gatehouse.gate;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants where a person must be asked.
 *
 * @param approval the answer he was given a question for earlier; null for none
 * @param waitMillis how long he holds the request for an answer; 0 if he comes again
 * @param resumable whether the question stays when he goes while he waits
 * @param gone completes when he goes
 */
public record Asking(
    @Nullable String approval, long waitMillis, boolean resumable, Future<Void> gone) {

  Asking with(String answered) {
    return new Asking(answered, waitMillis, resumable, gone);
  }

  Asking withoutApproval() {
    return new Asking(null, waitMillis, resumable, gone);
  }
}
