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

  /** What output goes through before it is heard. */
  public interface Filter {
    /** What can be told of a piece, and of what was held before it. */
    Buffer next(Stream stream, Buffer piece);

    /**
     * What was held.
     *
     * @param cut whether the output went on
     */
    Buffer rest(Stream stream, boolean cut);
  }

  private volatile @Nullable BiConsumer<Stream, Buffer> output;
  private volatile @Nullable Filter filter;
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

  /** Hears what a filter leaves of the output, from now on. */
  public void hearThrough(Filter between) {
    filter = between;
  }

  /** Hears what the filter still holds. To be called when the execution has ended. */
  public void hearRest(boolean stdoutCut, boolean stderrCut) {
    Filter between = filter;
    BiConsumer<Stream, Buffer> hearer = output;
    if (between != null && hearer != null) {
      hear(hearer, Stream.STDOUT, between.rest(Stream.STDOUT, stdoutCut));
      hear(hearer, Stream.STDERR, between.rest(Stream.STDERR, stderrCut));
    }
  }

  private static void hear(BiConsumer<Stream, Buffer> hearer, Stream stream, Buffer bytes) {
    if (bytes.length() > 0) {
      hearer.accept(stream, bytes);
    }
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

  /** Whether it was cancelled. May be called by any thread. */
  public synchronized boolean isCancelled() {
    return cancelled;
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
    Filter between = filter;
    if (hearer != null) {
      hear(hearer, stream, between == null ? bytes : between.next(stream, bytes));
    }
  }
}
