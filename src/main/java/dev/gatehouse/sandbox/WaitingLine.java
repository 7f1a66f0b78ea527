package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Callers who wait for a sandbox, first come first served, each until a deadline. Bounded. Confined
 * to the sandbox verticle's event loop.
 */
final class WaitingLine {
  /** Callers who may wait at once. */
  static final int MAX_WAITING = 1024;

  private record Caller(Promise<LiveSandbox> promise, long timer) {}

  private final Vertx vertx;
  private final int waitMillis;
  private final Deque<Caller> callers = new ArrayDeque<>();

  WaitingLine(Vertx vertx, int waitMillis) {
    this.vertx = vertx;
    this.waitMillis = waitMillis;
  }

  int size() {
    return callers.size();
  }

  /** Waits for a sandbox; fails as EXHAUSTED at the deadline or where the line is full. */
  Future<LiveSandbox> join() {
    if (callers.size() >= MAX_WAITING) {
      return Future.failedFuture(exhausted(MAX_WAITING + " callers wait for a sandbox already"));
    }
    Promise<LiveSandbox> promise = Promise.promise();
    long timer = vertx.setTimer(waitMillis, id -> giveUp(promise));
    callers.add(new Caller(promise, timer));
    return promise.future();
  }

  private void giveUp(Promise<LiveSandbox> promise) {
    callers.removeIf(caller -> caller.promise().equals(promise));
    promise.fail(exhausted("no sandbox came free within " + waitMillis + " ms"));
  }

  /** Hands a sandbox to whoever has waited longest; false if nobody waits. */
  boolean serve(LiveSandbox sandbox) {
    Caller first = next();
    if (first == null) {
      return false;
    }
    first.promise().complete(sandbox);
    return true;
  }

  /** Tells whoever has waited longest that it was in vain; false if nobody waits. */
  boolean refuse(Throwable failure) {
    Caller first = next();
    if (first == null) {
      return false;
    }
    first.promise().fail(failure);
    return true;
  }

  void refuseAll(Throwable failure) {
    boolean more = true;
    while (more) {
      more = refuse(failure);
    }
  }

  private @Nullable Caller next() {
    Caller first = callers.poll();
    if (first != null) {
      vertx.cancelTimer(first.timer());
    }
    return first;
  }

  private static SandboxException exhausted(String message) {
    return new SandboxException(SandboxException.Kind.EXHAUSTED, message);
  }
}
