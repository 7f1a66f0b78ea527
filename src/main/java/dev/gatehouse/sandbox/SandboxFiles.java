package dev.gatehouse.sandbox;

import dev.gatehouse.sandbox.FileOrder.Lane;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The file operations in one sandbox: so many at once of each sort, the others wait in line.
 *
 * <p>What comes out of the sandbox is the guest's word: every byte must have been asked for, every
 * answer comes in time, or the sandbox ends. Confined to the sandbox verticle's event loop.
 */
final class SandboxFiles {
  // Frame types, as in inside/files.py, the same in both directions: an operation's beginning, a
  // chunk, room for one more, and the end; from here the last one is a cancel.
  static final int HEAD = 32;
  static final int DATA = 33;
  static final int CREDIT = 34;
  static final int DONE = 35;

  /** Operations that may wait in one sandbox for a place. */
  static final int MAX_WAITING = 256;

  /** How long one waits for a place, and how long the sandbox may leave it without a word. */
  static final long PATIENCE_MILLIS = 30_000;

  /** Sends a frame to the sandbox. */
  interface Wire {
    void send(int type, int number, Buffer payload);
  }

  private final Vertx vertx;
  private final Wire wire;
  private final Consumer<String> endSandbox;
  private final Map<Integer, Task<?>> tasks = new HashMap<>();
  private final Places shorts = new Places(16);
  private final Places transfers = new Places(16);
  private final Places watches = new Places(4);
  private int lastNumber;
  private boolean ended;

  /**
   * @param endSandbox ends a sandbox that does not answer, for that reason
   */
  SandboxFiles(Vertx vertx, Wire wire, Consumer<String> endSandbox) {
    this.vertx = vertx;
    this.wire = wire;
    this.endSandbox = endSandbox;
  }

  /** So many at once, and who waits. */
  private static final class Places {
    final int limit;
    final Deque<Task<?>> line = new ArrayDeque<>();
    int taken;

    Places(int limit) {
      this.limit = limit;
    }
  }

  private Places places(Lane lane) {
    return switch (lane) {
      case SHORT -> shorts;
      case TRANSFER -> transfers;
      case WATCH -> watches;
    };
  }

  /**
   * Does what is ordered.
   *
   * @param transfer where content goes; null where there is none
   * @return fails with {@link FileException} or {@link SandboxException}
   */
  <T> Future<T> run(FileOrder<T> order, @Nullable FileTransfer transfer) {
    Places places = places(order.lane());
    boolean free = places.taken < places.limit;
    // A watch may go on for ever, so nobody waits for its end.
    if (!free && (order.lane() == Lane.WATCH || places.line.size() >= MAX_WAITING)) {
      return Future.failedFuture(busy());
    }
    Task<T> task = new Task<>(order, transfer);
    if (transfer != null && !transfer.join(task)) {
      return Future.failedFuture(FileException.of(FileException.Kind.CANCELLED));
    }
    if (free) {
      task.begin();
    } else {
      places.line.add(task);
      task.await(() -> task.leaveLine(busy()));
    }
    return task.promise.future();
  }

  private static SandboxException busy() {
    return new SandboxException(
        SandboxException.Kind.BUSY, "too many file operations are under way in this sandbox");
  }

  /** Hears a frame of this protocol. */
  void frame(int type, int number, Buffer payload) {
    Task<?> task = tasks.get(number);
    if (task == null) {
      throw new FrameParser.ProtocolException("a word on a file operation that is not under way");
    }
    switch (type) {
      case HEAD -> task.opened(new JsonObject(payload));
      case DATA -> task.came(payload);
      case CREDIT -> task.took();
      case DONE -> task.done(new JsonObject(payload));
      default -> throw new FrameParser.ProtocolException("a frame of unknown type " + type);
    }
  }

  /** The sandbox has ended, and with it all that was under way. */
  void end(String reason) {
    ended = true;
    List<Task<?>> all = new ArrayList<>(tasks.values());
    tasks.clear();
    for (Places places : List.of(shorts, transfers, watches)) {
      all.addAll(places.line);
      places.line.clear();
    }
    for (Task<?> task : all) {
      vertx.cancelTimer(task.timer);
      task.promise.fail(
          new SandboxException(SandboxException.Kind.ENDED, "the sandbox has ended: " + reason));
    }
  }

  /** One operation, in line or under way. */
  private final class Task<T> implements FileTransfer.Far {
    final FileOrder<T> order;
    final Promise<T> promise = Promise.promise();
    private final Context loop = vertx.getOrCreateContext();
    private final @Nullable FileTransfer transfer;
    private final Places places;
    private int number;
    private long timer = -1;
    private boolean open;
    private FileException.@Nullable Kind stopped;

    /** Chunks that the sandbox was allowed to send and has not. */
    private int granted;

    /** Chunks that the sandbox was sent and has not taken; the end is one that it never takes. */
    private int given;

    /** Bytes of what is read that have not come. */
    private long left;

    /** Whether all of what is written was given. */
    private boolean whole;

    Task(FileOrder<T> order, @Nullable FileTransfer transfer) {
      this.order = order;
      this.transfer = transfer;
      this.places = places(order.lane());
    }

    void begin() {
      number = ++lastNumber;
      tasks.put(number, this);
      places.taken++;
      granted = order.changes() || order.isShort() ? 0 : FileTransfer.WINDOW_CHUNKS;
      wire.send(HEAD, number, order.request().put("credit", granted).toBuffer());
      awaitWord();
    }

    /** Waits for the sandbox's next word, if it owes one. */
    private void awaitWord() {
      if (stopped != null) {
        // It has its own time to end.
        return;
      }
      vertx.cancelTimer(timer);
      if (!open || given > 0 || (granted > 0 && order.lane() == Lane.TRANSFER)) {
        await(() -> stop(FileException.Kind.TOO_SLOW));
      }
    }

    private void await(Runnable late) {
      timer = vertx.setTimer(PATIENCE_MILLIS, fired -> late.run());
    }

    void leaveLine(RuntimeException why) {
      if (places.line.remove(this)) {
        vertx.cancelTimer(timer);
        promise.fail(why);
      }
    }

    void opened(JsonObject told) {
      if (open || order.isShort()) {
        throw new FrameParser.ProtocolException("a file that was opened twice");
      }
      open = true;
      FileTransfer.Opened file = read(told);
      left = file.end() - file.start();
      if (transfer != null && stopped == null) {
        transfer.opened(file);
      }
      awaitWord();
    }

    private FileTransfer.Opened read(JsonObject told) {
      if (order.lane() == Lane.WATCH || order.changes()) {
        return new FileTransfer.Opened(null, 0, 0);
      }
      FileEntry entry = FileEntry.of(order.path(), told);
      long start = told.getLong("start", -1L);
      long end = told.getLong("end", -1L);
      if (start < 0 || end < start || end > entry.size()) {
        throw new FrameParser.ProtocolException("a part of a file that there cannot be");
      }
      return new FileTransfer.Opened(entry, start, end);
    }

    void came(Buffer bytes) {
      if (!open
          || granted == 0
          || bytes.length() == 0
          || bytes.length() > FileTransfer.CHUNK_BYTES) {
        throw new FrameParser.ProtocolException("content that was not asked for");
      }
      granted--;
      left -= bytes.length();
      if (order.lane() == Lane.WATCH) {
        // Must make sense.
        FileChanges.of(order.path(), bytes);
      } else if (left < 0) {
        throw new FrameParser.ProtocolException("more content than there is");
      }
      if (transfer != null && stopped == null) {
        transfer.chunk(bytes, this);
      }
      awaitWord();
    }

    @Override
    public void taken() {
      loop.runOnContext(ignored -> {
        if (isUnderWay()) {
          granted++;
          wire.send(CREDIT, number, Buffer.buffer());
          awaitWord();
        }
      });
    }

    @Override
    public void give(Buffer bytes) {
      loop.runOnContext(ignored -> {
        if (isUnderWay()) {
          given++;
          whole |= bytes.length() == 0;
          wire.send(DATA, number, bytes);
          awaitWord();
        }
      });
    }

    void took() {
      if (given == 0) {
        throw new FrameParser.ProtocolException("thanks for what was not given");
      }
      given--;
      if (transfer != null) {
        transfer.roomForOneMore();
      }
      awaitWord();
    }

    private boolean isUnderWay() {
      return !ended && stopped == null && tasks.get(number) == this;
    }

    @Override
    public void cancel(FileException.Kind why) {
      loop.runOnContext(ignored -> {
        if (isUnderWay()) {
          stop(why);
        } else {
          leaveLine(FileException.of(why));
        }
      });
    }

    private void stop(FileException.Kind why) {
      stopped = why;
      vertx.cancelTimer(timer);
      wire.send(DONE, number, Buffer.buffer());
      timer =
          vertx.setTimer(
              LiveSandbox.KILL_GRACE_MILLIS, late -> endSandbox.accept(Ending.DISOBEYED_FILES));
    }

    void done(JsonObject told) {
      // Read before anything else, because it may make no sense.
      FileException failure = failure(told.getString("error"));
      T result = failure == null ? result(told) : null;
      vertx.cancelTimer(timer);
      tasks.remove(number);
      places.taken--;
      if (failure == null) {
        promise.complete(result);
      } else {
        promise.fail(failure);
      }
      Task<?> next = places.line.poll();
      if (next != null) {
        vertx.cancelTimer(next.timer);
        next.begin();
      }
    }

    private T result(JsonObject told) {
      boolean complete =
          switch (order.lane()) {
            case SHORT -> true;
            case TRANSFER -> open && (order.changes() ? whole : left == 0);
            case WATCH -> open;
          };
      if (!complete) {
        throw new FrameParser.ProtocolException("an end before the end");
      }
      return order.result(told);
    }

    /** What was stopped too late is done all the same; of what was read, not all was passed on. */
    private @Nullable FileException failure(@Nullable String error) {
      FileException told = error == null ? null : FileException.of(error);
      return stopped != null && (told != null || !order.changes())
          ? FileException.of(stopped)
          : told;
    }
  }
}
