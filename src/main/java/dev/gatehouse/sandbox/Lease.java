package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.sandbox.egress.AllowList;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A sandbox in somebody's hands, and the clocks that end it. Confined to the sandbox loop. */
final class Lease {
  private final Vertx vertx;
  private final LiveSandbox sandbox;
  private final SandboxOrder order;
  private final boolean warm;
  private final Instant createdAt = now();
  private Instant expiresAt;
  private @Nullable AllowList network;
  private SandboxInfo.State state = SandboxInfo.State.RUNNING;
  private boolean changing;
  private int uses;
  private long usedNanos = System.nanoTime();
  private long expiry;
  private long idleness;

  Lease(Vertx vertx, LiveSandbox sandbox, SandboxOrder order, boolean warm) {
    this.vertx = vertx;
    this.sandbox = sandbox;
    this.order = order;
    this.network = order.network();
    this.warm = warm;
    this.expiresAt = createdAt.plusSeconds(order.ttlSeconds());
    this.expiry = expireIn(order.ttlSeconds());
    this.idleness = watchIdlenessFor(TimeUnit.SECONDS.toMillis(order.idleSeconds()));
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  LiveSandbox sandbox() {
    return sandbox;
  }

  Owner owner() {
    return order.owner();
  }

  Profile profile() {
    return sandbox.blueprint.profile();
  }

  SandboxInfo info() {
    Blueprint blueprint = sandbox.blueprint;
    return new SandboxInfo(
        sandbox.id,
        order.owner(),
        blueprint.profile().name(),
        blueprint.runtime(),
        blueprint.profile().image(),
        blueprint.imageId(),
        warm,
        order.labels(),
        state,
        createdAt,
        expiresAt,
        order.idleSeconds(),
        network == null ? null : network.texts());
  }

  boolean hasNetwork() {
    return network != null;
  }

  /** Has it known where it may go from now on; fails as SEALED if it has no network. */
  void changeNetwork(AllowList allow) {
    info().checkNetwork();
    network = allow;
  }

  /** Lives on for so long from now, longer or shorter than before. */
  void renew(long ttlSeconds) {
    vertx.cancelTimer(expiry);
    expiresAt = now().plusSeconds(ttlSeconds);
    expiry = expireIn(ttlSeconds);
    usedNanos = System.nanoTime();
  }

  private long expireIn(long seconds) {
    return vertx.setTimer(
        TimeUnit.SECONDS.toMillis(seconds), id -> sandbox.end(Ending.EXPIRED.word()));
  }

  private long watchIdlenessFor(long millis) {
    return millis <= 0
        ? -1
        : vertx.setTimer(
            millis,
            id -> {
              long limitMillis = TimeUnit.SECONDS.toMillis(order.idleSeconds());
              long idleMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - usedNanos);
              if (isInUse()) {
                idleness = watchIdlenessFor(limitMillis);
              } else if (idleMillis < limitMillis) {
                idleness = watchIdlenessFor(limitMillis - idleMillis);
              } else {
                sandbox.end(Ending.IDLE.word());
              }
            });
  }

  /** Whether it is not idle: something runs in it, or it was put aside on purpose. */
  private boolean isInUse() {
    return uses > 0 || changing || state == SandboxInfo.State.PAUSED;
  }

  /** Does something in it; until that is over it is neither idle nor paused. */
  <T> Future<T> use(Supplier<Future<T>> work) {
    if (changing || state == SandboxInfo.State.PAUSED) {
      return Future.failedFuture(
          new SandboxException(
              SandboxException.Kind.PAUSED, "the sandbox is paused: resume it first"));
    }
    uses++;
    return Future.succeededFuture()
        .compose(begun -> work.get())
        .onComplete(done -> {
          uses--;
          usedNanos = System.nanoTime();
        });
  }

  /**
   * Has the engine pause or resume it. While that goes on nothing runs in it, and if it fails the
   * sandbox is what it was.
   */
  Future<SandboxInfo> change(SandboxInfo.State to, Supplier<Future<Void>> byEngine) {
    if (changing || uses > 0) {
      return Future.failedFuture(
          new SandboxException(
              SandboxException.Kind.IN_USE,
              changing ? "the sandbox is just being changed" : "executions run in the sandbox"));
    }
    if (state == to) {
      return Future.succeededFuture(info());
    }
    changing = true;
    return byEngine
        .get()
        .onComplete(done -> changing = false)
        .map(changed -> {
          state = to;
          usedNanos = System.nanoTime();
          return info();
        });
  }

  void stopClocks() {
    vertx.cancelTimer(expiry);
    vertx.cancelTimer(idleness);
  }
}
