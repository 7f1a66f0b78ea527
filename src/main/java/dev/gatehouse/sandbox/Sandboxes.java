package dev.gatehouse.sandbox;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandboxes on the local Docker engine. May be used from any event loop; futures complete on the
 * caller's, and fail with {@link SandboxException}.
 */
public final class Sandboxes {
  private static final Logger LOGGER = LoggerFactory.getLogger(Sandboxes.class);

  /**
   * The runtime names that stand for gVisor, best first; {@code runsc-none} has no network at all.
   */
  private static final List<String> GVISOR_RUNTIMES = List.of("runsc-none", "runsc");

  private static final String ANY_GVISOR = "gvisor";
  private static final String RUNC = "runc";

  private final Vertx vertx;
  private final SandboxVerticle verticle;
  private final Context loop;
  private final Isolation isolation;

  private Sandboxes(Vertx vertx, SandboxVerticle verticle, Context loop, Isolation isolation) {
    this.vertx = vertx;
    this.verticle = verticle;
    this.loop = loop;
    this.isolation = isolation;
  }

  /**
   * Finds the engine and its runtime, removes what earlier runs left, starts one sandbox to see
   * what kernel is inside, and fills the pool.
   *
   * @param node names this server in the containers' labels
   * @param onEnd hears, on the sandbox loop, of every sandbox's end and why
   * @return fails with what is missing and what mends it
   */
  public static Future<Sandboxes> start(
      Vertx vertx,
      EngineAddress engine,
      Configuration.Sandbox limits,
      int maxSandboxes,
      String node,
      LatencyRegistry latency,
      BiConsumer<SandboxInfo, String> onEnd) {
    DockerVerticle docker = new DockerVerticle(engine, limits, node);
    return vertx
        .deployVerticle(docker, DockerVerticle.deployment())
        .compose(deployed -> chooseRuntime(docker, engine, limits))
        .compose(runtime ->
            removeLeftOvers(docker)
                .compose(removed -> {
                  SandboxVerticle verticle =
                      new SandboxVerticle(
                          docker,
                          engine,
                          limits,
                          maxSandboxes,
                          runtime,
                          () -> UUID.randomUUID().toString(),
                          latency,
                          onEnd);
                  return vertx
                      .deployVerticle(verticle)
                      .compose(deployed -> verticle.probe())
                      .map(gvisor ->
                          new Sandboxes(
                              vertx, verticle, verticle.loop(), new Isolation(runtime, gvisor)));
                }))
        .compose(sandboxes -> sandboxes.checkIsolation(limits));
  }

  private static Future<String> chooseRuntime(
      DockerVerticle docker, EngineAddress engine, Configuration.Sandbox limits) {
    return docker
        .runtimes()
        .recover(failure ->
            Future.failedFuture(
                new SandboxException(
                    SandboxException.Kind.ENGINE,
                    "no Docker engine answers at "
                        + engine.uri()
                        + " ("
                        + failure.getMessage()
                        + "): ./gatehouse doctor says what is missing")))
        .compose(names ->
            docker
                .hasImage(limits.image())
                .map(there -> {
                  if (!there) {
                    throw new SandboxException(
                        SandboxException.Kind.ENGINE,
                        "the engine has no image "
                            + limits.image()
                            + ": docker/build-image makes the default one");
                  }
                  return runtimeAmong(names, limits.runtime());
                }));
  }

  /** The runtime to use, of those the engine has. */
  static String runtimeAmong(Set<String> names, String wanted) {
    if (!wanted.equals(ANY_GVISOR)) {
      if (!names.contains(wanted)) {
        throw new SandboxException(
            SandboxException.Kind.ENGINE,
            "sandbox.runtime is " + wanted + ", the engine has " + names);
      }
      return wanted;
    }
    return GVISOR_RUNTIMES.stream()
        .filter(names::contains)
        .findFirst()
        .orElseThrow(() ->
            new SandboxException(
                SandboxException.Kind.ENGINE,
                "the engine has no gVisor runtime (it has "
                    + names
                    + "): register runsc, or write sandbox.runtime: runc to accept weaker"
                    + " isolation"));
  }

  private static Future<Void> removeLeftOvers(DockerVerticle docker) {
    return docker
        .leftOvers()
        .compose(containers -> {
          if (!containers.isEmpty()) {
            LOGGER.warn("removing sandboxes of an earlier run count={}", containers.size());
          }
          List<Future<Void>> removals = new ArrayList<>();
          containers.forEach(container -> removals.add(docker.remove(container)));
          return Future.join(removals).mapEmpty();
        });
  }

  private Future<Sandboxes> checkIsolation(Configuration.Sandbox limits) {
    if (isolation.gvisor()) {
      return Future.succeededFuture(this);
    }
    if (limits.runtime().equals(RUNC)) {
      LOGGER.warn(
          "sandboxes share the host's kernel: sandbox.runtime is runc, isolation is weaker");
      return Future.succeededFuture(this);
    }
    return Future.failedFuture(
        new SandboxException(
            SandboxException.Kind.ENGINE,
            "the runtime " + isolation.runtime() + " is not gVisor: its kernel says otherwise"));
  }

  /** What separates sandboxes from the host, as seen at the start. */
  public Isolation isolation() {
    return isolation;
  }

  public PoolGauges gauges() {
    return verticle.gauges();
  }

  /** Gives a sandbox nobody had before. */
  public Future<SandboxInfo> create(Owner owner, long ttlSeconds) {
    return onLoop(() -> verticle.lease(owner, ttlSeconds));
  }

  public Future<SandboxInfo> find(String id, Claim claim) {
    return onLoop(() -> verticle.find(id, claim));
  }

  /** Runs code in a sandbox, after what was asked of that sandbox before. */
  public Future<ExecutionResult> execute(
      String id, Claim claim, ExecutionRequest request, ExecutionFollower follower) {
    return onLoop(() -> verticle.execute(id, claim, request, follower));
  }

  /**
   * Does something with a sandbox's files; fails with {@link FileException} too.
   *
   * @param transfer where content goes; null where there is none
   */
  public <T> Future<T> files(
      String id, Claim claim, FileOrder<T> order, @Nullable FileTransfer transfer) {
    return onLoop(() -> verticle.files(id, claim, order, transfer));
  }

  /** Ends a sandbox; it is out of reach at once, and its container is removed soon after. */
  public Future<SandboxInfo> delete(String id, Claim claim, String reason) {
    return onLoop(() -> verticle.delete(id, claim, reason));
  }

  /** Destroys every sandbox and stops. */
  public Future<Void> close() {
    return vertx.undeploy(verticle.deploymentID());
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> work) {
    ContextInternal caller = ((VertxInternal) vertx).getOrCreateContext();
    Promise<T> promise = caller.promise();
    // Composed, so that an exception too reaches the promise.
    // And behind all that was handed over before, also where both loops have one thread.
    loop.runOnContext(ignored ->
        Future.succeededFuture()
            .compose(onLoop -> work.get())
            .onComplete(
                (value, failure) -> caller.runOnContext(back -> promise.complete(value, failure))));
    return promise.future();
  }
}
