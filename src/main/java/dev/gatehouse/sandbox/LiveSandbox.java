package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.sandbox.ExecutionRequest.Mode;
import dev.gatehouse.sandbox.ExecutionResult.End;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One container from its start to its end, and the executions in it: in its interpreters one at a
 * time, in processes of their own beside each other.
 *
 * <p>What comes out of it is the guest's word. An execution ends in time whatever the guest does:
 * at its time limit the supervisor is told to kill it, and if that is not heard of soon the channel
 * is closed, which ends the sandbox. Confined to the sandbox verticle's event loop.
 */
final class LiveSandbox implements SupervisorChannel.Listener {
  /** Executions that may wait in one sandbox. */
  static final int MAX_WAITING = 16;

  /** Executions in processes of their own that may run in one sandbox at once. */
  static final int MAX_PROCESSES = 16;

  /** How long the supervisor may take to report a killed execution's end. */
  static final long KILL_GRACE_MILLIS = 3_000;

  /** How long one that is handed out may take to give a sign of life; it takes 0.25 ms. */
  private static final long SIGN_MILLIS = 2_000;

  private static final long DEATH_POLL_MILLIS = 50;

  /** How long the engine may take to tell how a container died. */
  private static final long DEATH_MILLIS = 10_000;

  /** Who hears of its end. */
  interface EndListener {
    /** Nothing more is heard of it, and {@link #alive()} says so; how it ended may not be known. */
    default void closed(LiveSandbox sandbox) {}

    /** It is of no more use, and why; after {@link #closed}, in the same turn or later. */
    void ended(LiveSandbox sandbox, String reason);
  }

  private record Waiting(
      ExecutionRequest request, ExecutionFollower follower, Promise<ExecutionResult> promise) {}

  final String id;
  final Blueprint blueprint;
  final Promise<String> ready = Promise.promise();

  private final Vertx vertx;
  private final DockerVerticle docker;
  private final SandboxSettings limits;
  private final EndListener onEnd;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Map<Integer, RunningExecution> running = new HashMap<>();
  private @Nullable SupervisorChannel channel;
  private final Deque<Promise<Void>> pings = new ArrayDeque<>();
  private Future<Boolean> sign = Future.succeededFuture(true);
  private @Nullable SandboxFiles files;
  private int lastNumber;
  private volatile boolean ended;

  /**
   * @param onEnd hears once of each
   */
  LiveSandbox(
      String id,
      Blueprint blueprint,
      Vertx vertx,
      DockerVerticle docker,
      SandboxSettings limits,
      EndListener onEnd) {
    this.id = id;
    this.blueprint = blueprint;
    this.vertx = vertx;
    this.docker = docker;
    this.limits = limits;
    this.onEnd = onEnd;
  }

  /** The container's name. */
  String container() {
    return "gatehouse-" + id;
  }

  /** Whether it has not ended. May be asked from any thread. */
  boolean alive() {
    return !ended;
  }

  void attached(SupervisorChannel opened) {
    channel = opened;
    files = new SandboxFiles(vertx, opened::send, opened::close);
    if (ended) {
      opened.close("the sandbox ended before it was attached");
    }
  }

  @Override
  public void ready(String banner) {
    if (!ready.tryComplete(banner)) {
      throw new FrameParser.ProtocolException("it began a second time");
    }
  }

  /** Asks for a sign of life; fails at its end. Only of one in which nothing was run yet. */
  Future<Void> ping() {
    Promise<Void> answer = Promise.promise();
    if (channel != null) {
      pings.add(answer);
      channel.ping();
    }
    return answer.future();
  }

  /** It is handed out: whether it lives shows while its new owner has other things to do. */
  void handOut() {
    sign =
        ping()
            .timeout(SIGN_MILLIS, TimeUnit.MILLISECONDS)
            .map(true)
            .otherwise(silence -> {
              end("it gave no sign of life");
              return false;
            });
  }

  /** Whether it gave a sign of life when it was handed out; never fails, and is known in time. */
  Future<Boolean> lives() {
    return sign.map(given -> given && !ended);
  }

  @Override
  public void pong() {
    Promise<Void> asked = pings.poll();
    if (asked == null) {
      throw new FrameParser.ProtocolException("a sign of life that nobody asked for");
    }
    asked.complete();
  }

  /** Runs code: in an interpreter after all that was asked of the interpreters before it. */
  Future<ExecutionResult> execute(ExecutionRequest request, ExecutionFollower follower) {
    if (ended) {
      return Future.failedFuture(
          new SandboxException(SandboxException.Kind.ENDED, "the sandbox has ended"));
    }
    if (waiting.size() >= MAX_WAITING) {
      return Future.failedFuture(
          new SandboxException(
              SandboxException.Kind.BUSY, MAX_WAITING + " executions wait in this sandbox"));
    }
    Waiting next = new Waiting(request, follower, Promise.promise());
    Context loop = vertx.getOrCreateContext();
    if (!follower.onCancel(() -> loop.runOnContext(ignored -> cancel(next)))) {
      return Future.failedFuture(SandboxException.cancelled());
    }
    waiting.add(next);
    runNext();
    return next.promise().future();
  }

  /** Does something with its files, beside all else that it does. */
  <T> Future<T> files(FileOrder<T> order, @Nullable FileTransfer transfer) {
    if (ended || files == null) {
      return Future.failedFuture(
          new SandboxException(SandboxException.Kind.ENDED, "the sandbox has ended"));
    }
    return files.run(order, transfer);
  }

  @Override
  public void file(int type, int number, Buffer payload) {
    if (files == null) {
      throw new FrameParser.ProtocolException("a word on files before there is a channel");
    }
    files.frame(type, number, payload);
  }

  private void cancel(Waiting unwanted) {
    if (waiting.remove(unwanted)) {
      unwanted.promise().fail(SandboxException.cancelled());
      return;
    }
    running.values().stream()
        .filter(current -> current.promise.equals(unwanted.promise()))
        .findFirst()
        .ifPresent(current -> stop(current, End.CANCELLED));
  }

  private void runNext() {
    if (channel == null) {
      return;
    }
    for (Iterator<Waiting> line = waiting.iterator(); line.hasNext(); ) {
      Waiting next = line.next();
      if (hasRoomFor(next.request().mode())) {
        line.remove();
        run(next, channel);
      }
    }
  }

  private boolean hasRoomFor(Mode mode) {
    long processes =
        running.values().stream().filter(current -> current.mode() == Mode.PROCESS).count();
    return mode == Mode.PROCESS ? processes < MAX_PROCESSES : processes == running.size();
  }

  private void run(Waiting next, SupervisorChannel to) {
    RunningExecution current =
        new RunningExecution(
            ++lastNumber,
            next.request(),
            next.follower(),
            next.promise(),
            to,
            limits.outputBytes());
    running.put(current.number, current);
    current.timer =
        vertx.setTimer(next.request().timeoutMillis(), timer -> stop(current, End.TIMED_OUT));
    current.begin(blueprint.profile().processes());
  }

  /** Has the supervisor kill it; if that is not heard of soon, the sandbox ends. */
  private void stop(RunningExecution current, End why) {
    if (current.stopped != null) {
      return;
    }
    current.stopped = why;
    vertx.cancelTimer(current.timer);
    if (channel != null) {
      channel.kill(current.number, why.word());
    }
    current.timer =
        vertx.setTimer(
            KILL_GRACE_MILLIS,
            timer -> {
              if (channel != null) {
                channel.close(Ending.DISOBEYED);
              }
            });
  }

  @Override
  public void stdout(int number, Buffer bytes) {
    running(number).stdout(bytes);
  }

  @Override
  public void stderr(int number, Buffer bytes) {
    running(number).stderr(bytes);
  }

  @Override
  public void display(int number, Buffer bytes) {
    running(number).display(bytes);
  }

  @Override
  public void tookInput(int number, long bytes) {
    running(number).took(bytes);
  }

  @Override
  public void closedInput(int number) {
    running(number).readerGone();
  }

  private RunningExecution running(int number) {
    RunningExecution current = running.get(number);
    if (current == null) {
      throw new FrameParser.ProtocolException("a word of an execution that does not run");
    }
    return current;
  }

  @Override
  public void ended(int number, JsonObject report) {
    RunningExecution current = running(number);
    finish(current, resultOf(current, report));
    runNext();
  }

  private static ExecutionResult resultOf(RunningExecution current, JsonObject report) {
    End end = current.stopped;
    if (end == null) {
      end =
          switch (report.getString("status", "")) {
            case "exited" -> End.EXITED;
            case "too-many-processes" -> End.TOO_MANY_PROCESSES;
            case "not-started" -> End.NOT_STARTED;
            default -> throw new FrameParser.ProtocolException("an unknown way to end");
          };
    }
    return current.reported(
        end,
        report.getInteger("exitCode"),
        report.getBoolean("stateLost", false),
        report.getLong("nanos", 0L),
        report.getString("reason", ""));
  }

  private void finish(RunningExecution current, ExecutionResult result) {
    vertx.cancelTimer(current.timer);
    running.remove(current.number);
    current.promise.complete(result);
  }

  /** Ends the sandbox: the stream closes, and with it the container's first process ends. */
  void end(String reason) {
    if (channel != null) {
      channel.close(reason);
    } else {
      closed(reason);
    }
  }

  @Override
  public void closed(String reason) {
    if (ended) {
      return;
    }
    ended = true;
    onEnd.closed(this);
    ready.tryFail(new SandboxException(SandboxException.Kind.ENGINE, reason));
    if (files != null) {
      files.end(reason);
    }
    for (Waiting next : waiting) {
      next.promise()
          .fail(
              new SandboxException(
                  SandboxException.Kind.ENDED, "the sandbox has ended: " + reason));
    }
    waiting.clear();
    pings.forEach(asked -> asked.tryFail("the sandbox has ended"));
    pings.clear();
    List<RunningExecution> cut = List.copyOf(running.values());
    cut.forEach(current -> vertx.cancelTimer(current.timer));
    if (cut.isEmpty() || !reason.equals(Ending.STOPPED)) {
      // What was closed from here has no death to wait for: nobody has killed it yet.
      cut.forEach(current -> finish(current, resultOf(current, null, reason)));
      onEnd.ended(this, reason);
      return;
    }
    awaitDeath(System.nanoTime() + DEATH_MILLIS * 1_000_000)
        .timeout(DEATH_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(death -> {
          cut.forEach(current -> finish(current, resultOf(current, death.result(), reason)));
          boolean outOfMemory = death.succeeded() && death.result().outOfMemory();
          onEnd.ended(this, outOfMemory ? Ending.OUT_OF_MEMORY.word() : reason);
        });
  }

  /** The stream closes a moment before the engine knows the container's end. */
  private Future<DockerVerticle.Death> awaitDeath(long deadlineNanos) {
    return docker
        .death(container())
        .recover(failure ->
            System.nanoTime() > deadlineNanos
                ? Future.failedFuture(failure)
                : vertx.timer(DEATH_POLL_MILLIS).compose(waited -> awaitDeath(deadlineNanos)));
  }

  private static ExecutionResult resultOf(
      RunningExecution current, DockerVerticle.@Nullable Death death, String reason) {
    // The engine tells the first process's exit code, which is the code's own only where all were
    // killed together.
    return death != null && death.outOfMemory()
        ? current.cutOff(End.OUT_OF_MEMORY, death.exitCode(), reason)
        : current.cutOff(End.SANDBOX_DIED, null, reason);
  }
}
