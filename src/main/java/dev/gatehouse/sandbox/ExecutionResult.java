package dev.gatehouse.sandbox;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How an execution ended and what it said.
 *
 * @param exitCode as a shell reports it, 128 and the signal's number where a signal ended it; null
 *     if there is none, because the code never started or nobody saw its end
 * @param stdout decoded as UTF-8, what is not UTF-8 replaced
 * @param displays what it showed beside its output, in order
 * @param displaysCut whether it showed more than is kept
 * @param stateLost whether the interpreter that kept the session's state is gone
 * @param sandboxEnd why the sandbox ended under it; null where it did not
 * @param runNanos from the code sent to its end heard of, in nanoseconds
 * @param codeNanos the code's own time as the sandbox tells it, so a hostile one can lie
 */
public record ExecutionResult(
    End end,
    @Nullable Integer exitCode,
    String stdout,
    String stderr,
    boolean stdoutCut,
    boolean stderrCut,
    List<Display> displays,
    boolean displaysCut,
    boolean stateLost,
    @Nullable String sandboxEnd,
    long runNanos,
    long codeNanos) {
  public ExecutionResult {
    displays = List.copyOf(displays);
  }

  /** The same with other words said. */
  public ExecutionResult withOutput(UnaryOperator<String> change) {
    return new ExecutionResult(
        end,
        exitCode,
        change.apply(stdout),
        change.apply(stderr),
        stdoutCut,
        stderrCut,
        displays.stream().map(display -> display.withTexts(change)).toList(),
        displaysCut,
        stateLost,
        sandboxEnd,
        runNanos,
        codeNanos);
  }

  /** How an execution ended. */
  public enum End {
    /** By itself. */
    EXITED("exited"),
    /** Killed at its time limit. */
    TIMED_OUT("timed-out"),
    /** Killed because whoever asked for it no longer wants it. */
    CANCELLED("cancelled"),
    /** The sandbox went over its memory and was killed, as the engine tells. */
    OUT_OF_MEMORY("out-of-memory"),
    /** It made more processes than allowed and was killed. */
    TOO_MANY_PROCESSES("too-many-processes"),
    /** The sandbox refused to start it, e.g. because its disk is full; stderr says why. */
    NOT_STARTED("not-started"),
    /** The sandbox stopped, or stopped making sense, while it ran. */
    SANDBOX_DIED("sandbox-died");

    private final String word;

    End(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }
}
