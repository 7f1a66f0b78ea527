package dev.gatehouse.gate;

import dev.gatehouse.sandbox.Claim;
import dev.gatehouse.sandbox.FileEntry;
import dev.gatehouse.sandbox.FileOrder;
import dev.gatehouse.sandbox.FileTransfer;
import dev.gatehouse.sandbox.GuestPath;
import dev.gatehouse.sandbox.Sandboxes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts what one sandbox has in its workspace into another one's: directories and files, one after
 * the other, so that never more than one is in memory. What the first one says of them is the
 * guest's word; what it does not give, links, and what is beyond the bounds is left out. Confined
 * to its caller's event loop.
 */
final class WorkspaceCopy {
  /** Largest file, in bytes. */
  private static final int MAX_FILE_BYTES = 1 << 20;

  /** All files together, in bytes. */
  private static final long MAX_BYTES = 16 << 20;

  private static final long LIMIT_MILLIS = 10_000;
  private static final int PAGE = 200;
  private static final GuestPath WORKSPACE = GuestPath.parse("/workspace");

  private final Sandboxes sandboxes;
  private final Place from;
  private final Place to;
  private final int most;
  private final Vertx vertx;
  private final Deque<GuestPath> directories = new ArrayDeque<>();
  private int entries;
  private long bytes;
  private boolean whole = true;
  private boolean over;

  /** A sandbox, and what reaches it. */
  record Place(String sandbox, Claim claim) {}

  /**
   * What was copied.
   *
   * @param whole whether that is all there was
   */
  record Copied(int entries, boolean whole) {}

  /**
   * @param most so many entries at most
   */
  WorkspaceCopy(Sandboxes sandboxes, Place from, Place to, int most) {
    this.sandboxes = sandboxes;
    this.from = from;
    this.to = to;
    this.most = most;
    this.vertx = Objects.requireNonNull(Vertx.currentContext(), "no event loop").owner();
  }

  /** Copies, for ten seconds at most; never fails. */
  Future<Copied> run() {
    directories.add(WORKSPACE);
    return directories()
        .timeout(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .otherwise(failure -> {
          stop();
          return null;
        })
        .map(done -> new Copied(entries, whole));
  }

  private void stop() {
    whole = false;
    over = true;
  }

  private Future<Void> directories() {
    GuestPath next = over ? null : directories.poll();
    return next == null ? Future.succeededFuture() : page(next, "").compose(done -> directories());
  }

  private Future<Void> page(GuestPath directory, String after) {
    return sandboxes
        .files(from.sandbox, from.claim, FileOrder.list(directory, after, PAGE), null)
        .compose(page ->
            each(page.entries().iterator())
                .compose(done ->
                    page.next() == null || over
                        ? Future.succeededFuture()
                        : page(directory, page.next())));
  }

  private Future<Void> each(Iterator<FileEntry> left) {
    while (left.hasNext() && !over) {
      FileEntry entry = left.next();
      if (entries == most) {
        stop();
        break;
      }
      Future<?> copied = copy(entry);
      if (copied == null) {
        whole = false;
      } else {
        return copied
            .otherwise(failure -> {
              whole = false;
              return null;
            })
            .compose(done -> each(left));
      }
    }
    return Future.succeededFuture();
  }

  /** Null where it is left out. */
  private @Nullable Future<?> copy(FileEntry entry) {
    if (entry.type().equals("directory")) {
      entries++;
      directories.add(entry.path());
      return sandboxes.files(to.sandbox, to.claim, FileOrder.make(entry.path(), false), null);
    }
    if (!entry.isFile() || entry.size() > Math.min(MAX_FILE_BYTES, MAX_BYTES - bytes)) {
      return null;
    }
    entries++;
    bytes += entry.size();
    return read(entry).compose(content -> write(entry, content));
  }

  private Future<Buffer> read(FileEntry entry) {
    Buffer content = Buffer.buffer();
    FileTransfer transfer =
        FileTransfer.here(
            vertx,
            new FileTransfer.Peer() {
              @Override
              public void opened(FileTransfer.Opened file) {
                // All of it comes.
              }

              @Override
              public Future<Void> chunk(Buffer some) {
                content.appendBuffer(some);
                return content.length() > entry.size()
                    ? Future.failedFuture("it grows")
                    : Future.succeededFuture();
              }
            });
    return sandboxes
        .files(from.sandbox, from.claim, FileOrder.read(entry.path(), null, null), transfer)
        .map(read -> content);
  }

  private Future<FileEntry> write(FileEntry entry, Buffer content) {
    Writing writing = new Writing(content);
    FileTransfer transfer = FileTransfer.here(vertx, writing);
    writing.transfer = transfer;
    return sandboxes.files(
        to.sandbox,
        to.claim,
        FileOrder.write(entry.path(), entry.mode(), true, false, null),
        transfer);
  }

  /** Gives a file's content as it is taken. */
  private static final class Writing implements FileTransfer.Peer {
    private final Buffer content;
    private @Nullable FileTransfer transfer;

    Writing(Buffer content) {
      this.content = content;
    }

    @Override
    public void opened(FileTransfer.Opened file) {
      give(Objects.requireNonNull(transfer, "not joined"), 0);
    }

    private void give(FileTransfer to, int at) {
      int end = Math.min(at + FileTransfer.CHUNK_BYTES, content.length());
      // An empty chunk is the end.
      Future<Void> room = to.give(content.slice(at, end));
      if (at < end) {
        room.onSuccess(more -> give(to, end));
      }
    }

    @Override
    public Future<Void> chunk(Buffer bytes) {
      return Future.failedFuture("a file that is written tells nothing");
    }
  }
}
