package dev.gatehouse.gate;

import dev.gatehouse.gate.ExecutionPass.Started;
import dev.gatehouse.gate.Passage.Denied;
import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.gate.Passage.Refused;
import dev.gatehouse.gate.Passage.Timings;
import dev.gatehouse.gate.Passage.Waiting;
import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** Answers for an execution as soon as it may run, and follows it to its end. */
final class BackgroundPass implements Started {
  private final BackgroundExecutions executions;
  private final ExecutionOrder order;
  private final ExecutionLog log = new ExecutionLog();
  private final ExecutionFollower follower = ExecutionFollower.hearing(log::append);
  private final Promise<Passage<BackgroundExecution>> answer = Promise.promise();
  private final long startNanos = System.nanoTime();
  private @Nullable BackgroundExecution execution;

  BackgroundPass(BackgroundExecutions executions, ExecutionOrder order) {
    this.executions = executions;
    this.order = order;
  }

  ExecutionFollower follower() {
    return follower;
  }

  @Override
  public void in(Verdict verdict, SandboxInfo sandbox) {
    BackgroundExecution begun = new BackgroundExecution(verdict, sandbox, order, log, follower);
    execution = begun;
    executions.add(begun);
    long total = System.nanoTime() - startNanos;
    answer.complete(
        new Done<>(verdict, begun, new Timings(verdict.tookNanos(), 0, 0, 0, 0, total)));
  }

  /** What to answer, given what the execution will come to. */
  Future<Passage<BackgroundExecution>> answer(Future<Passage<Ran>> end) {
    end.onComplete(this::ended, this::failed);
    return answer.future();
  }

  private void ended(Passage<Ran> passage) {
    switch (passage) {
      case Denied<Ran> denied -> answer.complete(new Denied<>(denied.verdict()));
      case Waiting<Ran> waiting ->
          answer.complete(new Waiting<>(waiting.verdict(), waiting.approval()));
      case Refused<Ran> refused ->
          answer.complete(new Refused<>(refused.verdict(), refused.approval()));
      case Done<Ran> done -> {
        if (execution != null) {
          execution.ended(done);
          executions.ended(execution);
        }
      }
    }
  }

  private void failed(Throwable failure) {
    if (execution == null) {
      answer.fail(failure);
    } else {
      execution.failed(failure);
      executions.ended(execution);
    }
  }
}
