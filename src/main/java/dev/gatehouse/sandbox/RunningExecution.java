package dev.gatehouse.sandbox;

import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.ExecutionResult.End;
import dev.gatehouse.sandbox.StandardInput.Terminal;
import dev.gatehouse.sandbox.SteeringException.Why;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An execution that runs: what it said so far, and what it was sent that it has not taken. What it
 * says is the guest's word and bounded. Confined to the sandbox verticle's event loop.
 */
final class RunningExecution {
  final int number;
  final Promise<ExecutionResult> promise;

  /** Ends it at its time limit, or the sandbox if it does not end. */
  long timer;

  /** Why it is being ended; null if it is not. */
  @Nullable End stopped;

  private final ExecutionRequest request;
  private final ExecutionFollower follower;
  private final SupervisorChannel channel;
  private final int outputBytes;
  private final long startNanos = System.nanoTime();
  private final Buffer stdout = Buffer.buffer();
  private final Buffer stderr = Buffer.buffer();
  private final Buffer display = Buffer.buffer();
  private int untaken;
  private boolean inputClosed;
  private boolean readerGone;
  private boolean ended;

  /**
   * @param outputBytes how much of each stream is kept
   */
  RunningExecution(
      int number,
      ExecutionRequest request,
      ExecutionFollower follower,
      Promise<ExecutionResult> promise,
      SupervisorChannel channel,
      int outputBytes) {
    this.number = number;
    this.request = request;
    this.follower = follower;
    this.promise = promise;
    this.channel = channel;
    this.outputBytes = outputBytes;
  }

  /** Has the supervisor start it. */
  void begin(int processes) {
    follower.begin(this);
    // One byte more than is kept: so it is known what was cut also where no end is told.
    channel.execute(number, request, outputBytes + 1, processes);
  }

  Mode mode() {
    return request.mode();
  }

  void stdout(Buffer bytes) {
    tell(ExecutionFollower.Stream.STDOUT, keep(stdout, bytes));
  }

  void stderr(Buffer bytes) {
    tell(ExecutionFollower.Stream.STDERR, keep(stderr, bytes));
  }

  void display(Buffer bytes) {
    keep(display, bytes);
  }

  /** Gives what is within the limit of what was added. */
  private Buffer keep(Buffer kept, Buffer bytes) {
    // Frames without content would be a flood that no limit ends.
    if (bytes.length() == 0 || kept.length() + bytes.length() > outputBytes + 1) {
      throw new FrameParser.ProtocolException("output of a size that was not asked for");
    }
    int room = outputBytes - kept.length();
    kept.appendBuffer(bytes);
    return bytes.slice(0, Math.clamp(room, 0, bytes.length()));
  }

  private void tell(ExecutionFollower.Stream stream, Buffer bytes) {
    if (bytes.length() > 0) {
      follower.output(stream, bytes);
    }
  }

  /** So many bytes of input were taken. */
  void took(long bytes) {
    if (bytes < 1 || bytes > untaken) {
      throw new FrameParser.ProtocolException("thanks for input that was not given");
    }
    untaken -= (int) bytes;
  }

  /** Nobody will read its input any more. */
  void readerGone() {
    if (readerGone || request.input() instanceof StandardInput.Given) {
      throw new FrameParser.ProtocolException("the end of an input that there is not");
    }
    readerGone = true;
  }

  /**
   * Sends what it is to be told; fails with {@link SteeringException}, and then nothing was sent.
   */
  Future<Void> steer(Steering what) {
    Why not = ended || stopped != null || channel.isClosed() ? Why.ENDED : whyNot(what);
    if (not != null) {
      return Future.failedFuture(new SteeringException(not));
    }
    switch (what) {
      case Steering.Input input -> send(input);
      case Steering.Signal signal -> channel.signal(number, signal.signal());
      case Steering.Resize resize -> channel.resize(number, resize.size());
    }
    return Future.succeededFuture();
  }

  private @Nullable Why whyNot(Steering what) {
    Why not =
        switch (what) {
          case Steering.Input input -> whyNot(input);
          case Steering.Signal signal -> null;
          case Steering.Resize resize ->
              request.input() instanceof Terminal ? null : Why.NO_TERMINAL;
        };
    // A guest that reads nothing at all must not fill what waits for its socket.
    return not == null && channel.isFull() ? Why.FULL : not;
  }

  private @Nullable Why whyNot(Steering.Input input) {
    if (request.input() instanceof StandardInput.Given) {
      return Why.NOT_INTERACTIVE;
    }
    if (input.last() && request.input() instanceof Terminal) {
      return Why.ENDLESS;
    }
    if (inputClosed || readerGone) {
      return Why.CLOSED;
    }
    return untaken + input.bytes().length() > Steering.WINDOW_BYTES ? Why.FULL : null;
  }

  private void send(Steering.Input input) {
    if (input.bytes().length() > 0) {
      untaken += input.bytes().length();
      channel.input(number, input.bytes());
    }
    if (input.last()) {
      inputClosed = true;
      channel.input(number, Buffer.buffer());
    }
  }

  /** As the supervisor reports its end. */
  ExecutionResult reported(
      End end, @Nullable Integer exitCode, boolean stateLost, long codeNanos, String refusal) {
    if (end == End.NOT_STARTED) {
      stderr.appendString("not started: " + refusal);
    }
    Integer code = exitCode == null ? null : Math.clamp(exitCode, 0, 255);
    return result(end, code, stateLost, null, codeNanos);
  }

  /** As it ends where the sandbox ends under it. */
  ExecutionResult cutOff(End end, @Nullable Integer exitCode, String sandboxEnd) {
    return result(end, exitCode, true, sandboxEnd, Long.MAX_VALUE);
  }

  private ExecutionResult result(
      End end,
      @Nullable Integer exitCode,
      boolean stateLost,
      @Nullable String sandboxEnd,
      long codeNanos) {
    ended = true;
    long runNanos = System.nanoTime() - startNanos;
    return new ExecutionResult(
        stopped == null ? end : stopped,
        exitCode,
        text(stdout),
        text(stderr),
        isCut(stdout),
        isCut(stderr),
        Display.readAll(display, outputBytes),
        isCut(display),
        stateLost,
        sandboxEnd,
        runNanos,
        Math.clamp(codeNanos, 0, runNanos));
  }

  private boolean isCut(Buffer kept) {
    return kept.length() > outputBytes;
  }

  private String text(Buffer kept) {
    return kept.getString(0, Math.min(kept.length(), outputBytes), StandardCharsets.UTF_8.name());
  }
}
