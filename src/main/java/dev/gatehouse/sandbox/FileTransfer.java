package dev.gatehouse.sandbox;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a file's bytes go from one event loop to the other: from the sandbox's to the caller's or
 * back, never more than {@value #WINDOW_CHUNKS} chunks that the other side has not taken. So a slow
 * caller holds up his own transfer, and nobody's memory.
 *
 * <p>All public methods but {@link #cancel()} are for the caller's loop, the one it was made on.
 */
public final class FileTransfer {
  /** Chunks under way in one direction. */
  static final int WINDOW_CHUNKS = 4;

  /** Longest chunk. */
  public static final int CHUNK_BYTES = 64 << 10;

  /** Who gives or takes the bytes; called on the caller's loop. */
  public interface Peer {
    /** The file is open: what is read will come, or what is written may be given. */
    void opened(Opened file);

    /** A chunk of what is read. The next ones come as the futures complete; a failure cancels. */
    Future<Void> chunk(Buffer bytes);
  }

  /**
   * What was opened.
   *
   * @param file null unless a file is read
   * @param start the place of the first byte that will come
   * @param end the place after the last one
   */
  public record Opened(@Nullable FileEntry file, long start, long end) {}

  /** The sandbox's side; may be called from any loop. */
  interface Far {
    void give(Buffer bytes);

    void taken();

    void cancel(FileException.Kind why);
  }

  private final Context loop;
  private final Peer peer;
  private int room = WINDOW_CHUNKS;
  private @Nullable Promise<Void> awaitingRoom;
  private @Nullable Far far;
  private boolean cancelled;

  private FileTransfer(Context loop, Peer peer) {
    this.loop = loop;
    this.peer = peer;
  }

  /** For the current event loop. */
  public static FileTransfer here(Vertx vertx, Peer peer) {
    return new FileTransfer(vertx.getOrCreateContext(), peer);
  }

  /**
   * Gives a chunk of what is written; an empty one is the end.
   *
   * @return completes when the next one may be given; never, if the transfer ends before
   */
  public Future<Void> give(Buffer bytes) {
    Far to;
    synchronized (this) {
      to = far;
    }
    if (to != null) {
      to.give(bytes);
    }
    if (--room > 0) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    awaitingRoom = promise;
    return promise.future();
  }

  /** Ends it in the middle; nothing of what is written is kept. May be called again, and late. */
  public void cancel() {
    cancel(FileException.Kind.CANCELLED);
  }

  /** As {@link #cancel()}, for a reason of the caller's. */
  public void cancel(FileException.Kind why) {
    Far to;
    synchronized (this) {
      cancelled = true;
      to = far;
    }
    if (to != null) {
      to.cancel(why);
    }
  }

  /** Joins it with the sandbox; false if it was cancelled before. */
  synchronized boolean join(Far sandbox) {
    far = sandbox;
    return !cancelled;
  }

  /** From the sandbox's loop: the file is open. */
  void opened(Opened file) {
    loop.runOnContext(ignored -> peer.opened(file));
  }

  /** From the sandbox's loop: a chunk came. */
  void chunk(Buffer bytes, Far from) {
    loop.runOnContext(ignored ->
        Future.succeededFuture()
            .compose(here -> peer.chunk(bytes))
            .onComplete(
                taken -> from.taken(), failure -> from.cancel(FileException.Kind.CANCELLED)));
  }

  /** From the sandbox's loop: it has taken a chunk. */
  void roomForOneMore() {
    loop.runOnContext(ignored -> {
      room++;
      Promise<Void> promise = awaitingRoom;
      if (promise != null) {
        awaitingRoom = null;
        promise.complete();
      }
    });
  }
}
