package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.latency.LatencyRecorder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Brings sandboxes up: a container created, attached, started, and its supervisor heard of.
 * Confined to the sandbox loop.
 */
final class Starts {
  private final Vertx vertx;
  private final DockerVerticle docker;
  private final NetClient client;
  private final EngineAddress engine;
  private final SandboxSettings limits;
  private final Removals removals;
  private final Supplier<String> ids;
  private final LatencyRecorder latency;
  private final LiveSandbox.EndListener onEnd;
  private int underWay;

  /**
   * @param onEnd hears of every sandbox's end, and why, once; whoever hears it has the container
   *     removed
   */
  Starts(
      Vertx vertx,
      DockerVerticle docker,
      NetClient client,
      EngineAddress engine,
      SandboxSettings limits,
      Removals removals,
      Supplier<String> ids,
      LatencyRecorder latency,
      LiveSandbox.EndListener onEnd) {
    this.vertx = vertx;
    this.docker = docker;
    this.client = client;
    this.engine = engine;
    this.limits = limits;
    this.removals = removals;
    this.ids = ids;
    this.latency = latency;
    this.onEnd = onEnd;
  }

  int underWay() {
    return underWay;
  }

  /** Starts one without network; where it fails, its end has been told before. */
  Future<LiveSandbox> start(Blueprint blueprint) {
    return start(blueprint, Site.SEALED);
  }

  /** As {@link #start(Blueprint)}, on that site. */
  Future<LiveSandbox> start(Blueprint blueprint, Site site) {
    long askedNanos = System.nanoTime();
    underWay++;
    LiveSandbox sandbox = new LiveSandbox(ids.get(), blueprint, vertx, docker, limits, onEnd);
    String container = sandbox.container();
    removals.tend(container);
    return docker
        .create(container, blueprint, site)
        .compose(created -> {
          if (sandbox.alive()) {
            return SupervisorChannel.attach(client, engine, container, sandbox);
          }
          // The engine took so long that nobody waits any more.
          removals.remove(container);
          return failed("created too late");
        })
        .compose(channel -> {
          sandbox.attached(channel);
          return docker.startContainer(container).onSuccess(done -> channel.sendSupervisor());
        })
        .compose(started -> sandbox.ready.future())
        .timeout(limits.startTimeoutMillis(), TimeUnit.MILLISECONDS)
        .map(banner -> {
          latency.recordSince(askedNanos);
          return sandbox;
        })
        .recover(failure -> {
          latency.fail();
          sandbox.end("it did not start");
          return failed("a sandbox could not be started: " + failure.getMessage());
        })
        .onComplete(done -> underWay--);
  }

  private static <T> Future<T> failed(String message) {
    return Future.failedFuture(new SandboxException(SandboxException.Kind.ENGINE, message));
  }
}
