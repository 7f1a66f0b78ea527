package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Who follows one execution: hears its output as it comes, may speak to it, and may cancel it. */
public final class ExecutionFollower {
  /** Where output came from. */
  public enum Stream {
    STDOUT,
    STDERR
  }

  private volatile @Nullable BiConsumer<Stream, Buffer> output;
  private volatile boolean begun;

  /** Confined to the sandbox loop. */
  private @Nullable RunningExecution running;

  private boolean cancelled;
  private @Nullable Runnable onCancel;

  private ExecutionFollower(@Nullable BiConsumer<Stream, Buffer> output) {
    this.output = output;
  }

  /** Hears nothing until the end. */
  public static ExecutionFollower silent() {
    return new ExecutionFollower(null);
  }

  /**
   * Hears every piece of output, up to the cap.
   *
   * @param output called on the sandbox loop; must not block
   */
  public static ExecutionFollower hearing(BiConsumer<Stream, Buffer> output) {
    return new ExecutionFollower(output);
  }

  /** Hears nothing from now on, because what it would hear must be looked through first. */
  public void mute() {
    output = null;
  }

  /**
   * Ends the execution, now or as soon as it would start. May be called from any thread, also
   * again, and after the end, where it does nothing.
   */
  public void cancel() {
    Runnable action;
    synchronized (this) {
      cancelled = true;
      action = onCancel;
      onCancel = null;
    }
    if (action != null) {
      action.run();
    }
  }

  /** Has an action run at a cancel; false, and nothing is run, if it was cancelled before. */
  synchronized boolean onCancel(Runnable action) {
    if (!cancelled) {
      onCancel = action;
    }
    return !cancelled;
  }

  void begin(RunningExecution execution) {
    running = execution;
    begun = true;
  }

  /**
   * Speaks to what runs; fails with {@link SteeringException}. To be called on the sandbox loop.
   */
  Future<Void> steer(Steering what) {
    return running == null
        ? Future.failedFuture(new SteeringException(SteeringException.Why.NOT_BEGUN))
        : running.steer(what);
  }

  /** Whether the code was sent to a sandbox, where it may have run. May be called by any thread. */
  public boolean hasBegun() {
    return begun;
  }

  void output(Stream stream, Buffer bytes) {
    BiConsumer<Stream, Buffer> hearer = output;
    if (hearer != null) {
      hearer.accept(stream, bytes);
    }
  }
}
