package dev.gatehouse.gate;

import dev.gatehouse.gate.Passage.Done;
import dev.gatehouse.gate.Passage.Ran;
import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.ExecutionFollower.Stream;
import dev.gatehouse.sandbox.ExecutionResult;
import dev.gatehouse.sandbox.SandboxInfo;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An execution that nobody waits for: its output so far, and how it ended. What it keeps is bounded
 * by the output's cap. May be used from any thread.
 */
public final class BackgroundExecution {
  /** Who may watch one execution at once. */
  public static final int MAX_WATCHERS = 16;

  /** How an execution stands. */
  public sealed interface State {
    /** It runs, or waits in its sandbox's line. */
    record Running() implements State {}

    /** It ran, and its end is recorded. */
    record Ended(Done<Ran> done) implements State {}

    /** What should have run it, or recorded its end, failed. */
    record Failed(Throwable failure) implements State {}
  }

  /**
   * Bytes of output read so far.
   *
   * @param stdout bytes of standard output before the next read
   * @param stderr bytes of standard error before it
   */
  public record Cursor(int stdout, int stderr) {
    public static final Cursor START = new Cursor(0, 0);
  }

  /**
   * Output from one cursor to the next.
   *
   * @param ended whether there will never be more than there is now
   */
  public record Output(Buffer stdout, Buffer stderr, Cursor start, boolean ended) {}

  private final Verdict verdict;
  private final SandboxInfo sandbox;
  private final Instant startedAt = Instant.now();
  private final ExecutionOrder order;
  private final ExecutionLog log;
  private final ExecutionFollower follower;
  private final TypedText typed = new TypedText();
  private State state = new State.Running();
  private @Nullable Instant endedAt;

  /**
   * @param log begins to listen before there is an execution to speak of
   */
  BackgroundExecution(
      Verdict verdict,
      SandboxInfo sandbox,
      ExecutionOrder order,
      ExecutionLog log,
      ExecutionFollower follower) {
    this.verdict = verdict;
    this.sandbox = sandbox;
    this.order = order;
    this.log = log;
    this.follower = follower;
  }

  public String id() {
    return verdict.id();
  }

  public Verdict verdict() {
    return verdict;
  }

  /** Where it runs. */
  public SandboxInfo sandbox() {
    return sandbox;
  }

  public Instant startedAt() {
    return startedAt;
  }

  public synchronized State state() {
    return state;
  }

  /** Null while it runs. */
  synchronized @Nullable Instant endedAt() {
    return endedAt;
  }

  String tenant() {
    return sandbox.owner().tenant();
  }

  boolean isFor(Claim claim) {
    return claim.matches(sandbox.owner());
  }

  /**
   * What came after the cursor; a cursor beyond the end finds nothing.
   *
   * @param most how many bytes of each stream at most
   */
  public Output output(Cursor start, int most) {
    // Looked at first: what ended before the log is read has said everything.
    boolean ended = !(state() instanceof State.Running);
    return new Output(
        log.from(Stream.STDOUT, start.stdout(), most),
        log.from(Stream.STDERR, start.stderr(), most),
        start,
        ended);
  }

  /**
   * Has somebody told of all news until he no longer watches, on any thread; he must not block.
   *
   * @return false if {@value #MAX_WATCHERS} watch already
   */
  public boolean watch(Runnable watcher) {
    return log.watch(watcher, MAX_WATCHERS);
  }

  public void unwatch(Runnable watcher) {
    log.unwatch(watcher);
  }

  /** The code, and how it was to run. */
  ExecutionOrder order() {
    return order;
  }

  /** What was sent to it. */
  TypedText typed() {
    return typed;
  }

  ExecutionFollower follower() {
    return follower;
  }

  /** Kills what runs; it then ends as cancelled. Does nothing after the end. */
  void cancel() {
    follower.cancel();
  }

  void ended(Done<Ran> done) {
    if (log.length() == 0) {
      // Nothing was told before the end, because it had to be scanned whole.
      ExecutionResult result = done.result().result();
      log.append(Stream.STDOUT, Buffer.buffer(result.stdout()));
      log.append(Stream.STDERR, Buffer.buffer(result.stderr()));
    }
    end(new State.Ended(done));
  }

  void failed(Throwable failure) {
    end(new State.Failed(failure));
  }

  private void end(State how) {
    synchronized (this) {
      state = how;
      endedAt = Instant.now();
    }
    log.changed();
  }

  /** Bytes of output that it keeps; the result has the same as text. */
  long outputBytes() {
    return log.length();
  }
}
