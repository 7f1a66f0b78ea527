package dev.gatehouse.gate;

import dev.gatehouse.approval.Approval;
import io.vertx.core.Future;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants where a person must be asked.
 *
 * @param approval the answer he was given a question for earlier; null for none
 * @param waitMillis how long he holds the request for an answer; 0 if he comes again
 * @param resumable whether the question stays when he goes while he waits
 * @param gone completes when he goes
 * @param asked told of the question as soon as he waits for its answer
 */
public record Asking(
    @Nullable String approval,
    long waitMillis,
    boolean resumable,
    Future<Void> gone,
    BiConsumer<Verdict, Approval> asked) {

  /** Of somebody who only hears of the end. */
  public Asking(@Nullable String approval, long waitMillis, boolean resumable, Future<Void> gone) {
    this(approval, waitMillis, resumable, gone, (verdict, question) -> {});
  }

  /** Whether the question stays when he goes: he asked so, or it was there before he came. */
  boolean leavesItOpen() {
    return resumable || approval != null;
  }

  Asking with(String answered) {
    return new Asking(answered, waitMillis, resumable, gone, asked);
  }

  Asking withoutApproval() {
    return new Asking(null, waitMillis, resumable, gone, asked);
  }
}
