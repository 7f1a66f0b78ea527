package dev.gatehouse.sandbox.egress;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of a sandbox to reach the outside, from the request's head to its end: what is told
 * of it, and what must be closed with it. Confined to the proxy's event loop.
 */
final class Crossing {
  private static final Logger LOGGER = LoggerFactory.getLogger(Crossing.class);

  private final String id;
  private final Guest guest;
  private final Traffic traffic;
  private final String method;
  private final Target target;
  private final String entry;
  private final long startNanos = System.nanoTime();
  private final List<Runnable> closers = new ArrayList<>();
  private @Nullable InetAddress address;
  private long lastNanos = startNanos;
  private long bytesUp;
  private long bytesDown;
  private boolean allowed;
  private @Nullable String cut;
  private boolean over;

  /**
   * @param entry what in the list allows the target
   */
  Crossing(String id, Guest guest, Traffic traffic, String method, Target target, String entry) {
    this.id = id;
    this.guest = guest;
    this.traffic = traffic;
    this.method = method;
    this.target = target;
    this.entry = entry;
  }

  Target target() {
    return target;
  }

  @Nullable InetAddress address() {
    return address;
  }

  /** Where the target was found. */
  void found(InetAddress where) {
    address = where;
  }

  /** Records that it may go; nothing goes before that is done. */
  Future<Void> open() {
    guest.crossings.add(this);
    return guest
        .journal
        .record(access(Access.Step.ALLOWED, "allowed"))
        .transform(recorded -> {
          allowed = recorded.succeeded();
          if (allowed) {
            traffic.allow();
          }
          return allowed
              ? Future.succeededFuture()
              : Future.failedFuture(
                  new RefusedException(Refusal.NOT_RECORDED, "the attempt cannot be recorded now"));
        });
  }

  /** Records that it came to nothing: refused, or allowed and then given up. */
  Future<Void> fail(Refusal why) {
    if (allowed) {
      end(cut == null ? why.word() : cut);
      return Future.succeededFuture();
    }
    over = true;
    traffic.refuse();
    guest.crossings.remove(this);
    return guest.journal.record(access(Access.Step.REFUSED, why.word()));
  }

  /** Whether the sandbox may go where the target was found. */
  boolean isPermitted() {
    return address != null && guest.permits(target, address);
  }

  /** Fails unless the sandbox lives and may still go there. */
  void check() {
    if (cut != null || !isPermitted()) {
      throw new RefusedException(
          Refusal.WITHDRAWN, "the sandbox's list changed, or the sandbox ended");
    }
  }

  /** Closes something when the crossing is cut; at once if it was. */
  void closes(Runnable closer) {
    if (cut != null) {
      closer.run();
    } else {
      closers.add(closer);
    }
  }

  void up(int bytes) {
    bytesUp += bytes;
    traffic.up(bytes);
    moved(bytes);
  }

  void down(int bytes) {
    bytesDown += bytes;
    traffic.down(bytes);
    moved(bytes);
  }

  private void moved(int bytes) {
    lastNanos = System.nanoTime();
    guest.count(bytes);
  }

  long idleNanos(long nowNanos) {
    return allowed ? nowNanos - lastNanos : 0;
  }

  long ageNanos(long nowNanos) {
    return nowNanos - startNanos;
  }

  /** Closes both sides, or what there is of them yet. */
  void cut(String why) {
    if (over || cut != null) {
      return;
    }
    cut = why;
    closers.forEach(Runnable::run);
    if (allowed) {
      end(why);
    }
  }

  /** Records that both sides closed. */
  void closed() {
    end(guest.howClosed());
  }

  /** Records the end of what was allowed; the first end counts. */
  private void end(String how) {
    if (over) {
      return;
    }
    over = true;
    guest.crossings.remove(this);
    guest
        .journal
        .record(access(Access.Step.CLOSED, how))
        .onFailure(
            late -> LOGGER.warn("a connection's end waits for its commit: {}", late.getMessage()));
  }

  private Access access(Access.Step step, String status) {
    return new Access(
        step,
        id,
        method,
        target.toString(),
        address == null ? null : address.getHostAddress(),
        entry,
        status,
        bytesUp,
        bytesDown,
        Duration.ofNanos(System.nanoTime() - startNanos),
        1);
  }
}
