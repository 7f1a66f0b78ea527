package dev.gatehouse.gate;

import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Edit;
import dev.gatehouse.sandbox.ExecutionResult;
import dev.gatehouse.sandbox.SandboxInfo;
import org.jspecify.annotations.Nullable;

/** How an action came out of the gate. */
public sealed interface Passage<T> {
  /** Policy refused it. Recorded; nothing ran. */
  record Denied<T>(Verdict verdict) implements Passage<T> {}

  /** Policy asks a person. Recorded; nothing ran. */
  record Waiting<T>(Verdict verdict, Approval approval) implements Passage<T> {}

  /** A person refused it, nobody answered in time, or the answer was used. Nothing ran. */
  record Refused<T>(Verdict verdict, Approval approval) implements Passage<T> {}

  /** It was done, and its end is recorded. */
  record Done<T>(Verdict verdict, T result, Timings timings) implements Passage<T> {}

  /**
   * Code that ran.
   *
   * @param sandbox where
   * @param edit what an approver had made of the action; null if it ran as it was asked for
   */
  record Ran(SandboxInfo sandbox, ExecutionResult result, @Nullable Edit edit) {}

  /**
   * What each step took, in nanoseconds.
   *
   * @param acquire 0 where the sandbox was there already
   * @param run 0 where no code ran
   * @param overhead {@code run} less the code's own time
   * @param record both commits
   */
  record Timings(long decide, long acquire, long run, long overhead, long record, long total) {}
}
