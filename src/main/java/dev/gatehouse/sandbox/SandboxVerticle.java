package dev.gatehouse.sandbox;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.Metric;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lifecycle of every sandbox: started ahead, handed out once, destroyed at its end.
 *
 * <p>All state is confined to the verticle's event loop; {@link Sandboxes} brings callers there.
 */
final class SandboxVerticle extends VerticleBase {
  private static final Logger LOGGER = LoggerFactory.getLogger(SandboxVerticle.class);
  private static final int CONNECT_MILLIS = 5_000;
  private static final long PING_MILLIS = 2_000;
  private static final long PING_LIMIT_MILLIS = 5_000;
  private static final long SWEEP_MILLIS = 30_000;
  private static final int FILLING_AT_ONCE = 2;

  /** A start is mostly work for the processor: more at once make each slower, and none sooner. */
  private static final int STARTING_AT_ONCE =
      Math.max(FILLING_AT_ONCE, 2 * Runtime.getRuntime().availableProcessors());

  /**
   * So long after a hand-out nothing is started for the pool, as long as half of it stands ready: a
   * start takes the processor from the execution that the hand-out was for.
   */
  private static final long QUIET_MILLIS = 100;

  private static final long FIRST_RETRY_MILLIS = 500;
  private static final long LAST_RETRY_MILLIS = 15_000;
  private static final int MAX_TOMBSTONES = 10_000;

  /** What is remembered of a sandbox that ended. */
  private record Tombstone(Owner owner, String reason) {}

  private record Lease(LiveSandbox sandbox, SandboxInfo info, long timer) {}

  private final DockerVerticle docker;
  private final EngineAddress engine;
  private final Configuration.Sandbox limits;
  private final int maxSandboxes;
  private final String runtime;
  private final Supplier<String> ids;
  private final BiConsumer<SandboxInfo, String> onEnd;
  private final LatencyRecorder createLatency;
  private final LatencyRecorder acquireLatency;
  private final LatencyRecorder runLatency;
  private final LatencyRecorder overheadLatency;
  private final LatencyRecorder fileLatency;

  private final Map<String, Lease> leases = new HashMap<>();
  private final Deque<LiveSandbox> ready = new ArrayDeque<>();

  /** Names of the containers that somebody here looks after; the sweep takes all others. */
  private final Set<String> tended = new HashSet<>();

  private final Map<String, Tombstone> tombstones =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tombstone> eldest) {
          return size() > MAX_TOMBSTONES;
        }
      };
  private int starting;
  private int filling;
  private int removing;
  private long hits;
  private long misses;
  private boolean closing;
  private boolean engineAnswers = true;
  private boolean pinging;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private boolean retryPlanned;
  private long handedOutNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS);
  private boolean quietPlanned;
  private NetClient client;
  private WaitingLine line;
  private volatile PoolGauges gauges = new PoolGauges(0, 0, 0, 0, 0, 0, 0, true);

  /**
   * @param onEnd hears of every leased sandbox's end, and why
   */
  @SuppressWarnings("NullAway.Init")
  SandboxVerticle(
      DockerVerticle docker,
      EngineAddress engine,
      Configuration.Sandbox limits,
      int maxSandboxes,
      String runtime,
      Supplier<String> ids,
      LatencyRegistry latency,
      BiConsumer<SandboxInfo, String> onEnd) {
    this.docker = docker;
    this.engine = engine;
    this.limits = limits;
    this.maxSandboxes = maxSandboxes;
    this.runtime = runtime;
    this.ids = ids;
    this.onEnd = onEnd;
    this.createLatency = latency.recorder(Metric.SANDBOX_CREATE);
    this.acquireLatency = latency.recorder(Metric.SANDBOX_ACQUIRE);
    this.runLatency = latency.recorder(Metric.EXECUTION_RUN);
    this.overheadLatency = latency.recorder(Metric.EXECUTION_OVERHEAD);
    this.fileLatency = latency.recorder(Metric.FILE_ACCESS);
  }

  @Override
  public Future<?> start() {
    client = vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_MILLIS));
    line = new WaitingLine(vertx, limits.waitMillis());
    vertx.setPeriodic(PING_MILLIS, id -> ping());
    vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
    return Future.succeededFuture();
  }

  /** Destroys every sandbox. */
  @Override
  public Future<?> stop() {
    closing = true;
    line.refuseAll(new SandboxException(SandboxException.Kind.ENGINE, "the server is stopping"));
    List<LiveSandbox> all = new ArrayList<>(ready);
    leases.values().forEach(lease -> all.add(lease.sandbox()));
    all.forEach(sandbox -> sandbox.end("the server stopped"));
    return awaitRemovals(limits.startTimeoutMillis()).eventually(client::close);
  }

  private Future<Void> awaitRemovals(long millis) {
    return removing + starting == 0 || millis <= 0
        ? Future.succeededFuture()
        : vertx.timer(20, TimeUnit.MILLISECONDS).compose(waited -> awaitRemovals(millis - 20));
  }

  PoolGauges gauges() {
    return gauges;
  }

  Context loop() {
    return context;
  }

  /** Starts one sandbox, asks for its kernel's name, and ends it. */
  Future<Boolean> probe() {
    Promise<Boolean> gvisor = Promise.promise();
    context.runOnContext(ignored ->
        startOne()
            .map(sandbox -> {
              sandbox.end("it was started to look at its kernel");
              return sandbox.ready.future().result().contains("gVisor");
            })
            .onComplete(gvisor));
    return gvisor.future();
  }

  /** Hands out a sandbox, warm if one stands ready. */
  Future<SandboxInfo> lease(Owner owner, long ttlSeconds) {
    long askedNanos = System.nanoTime();
    if (!engineAnswers) {
      return engineAway();
    }
    if (closing) {
      return failed(SandboxException.Kind.ENGINE, "the server is stopping");
    }
    LiveSandbox warm = line.size() == 0 ? nextWarm() : null;
    if (warm != null) {
      hits++;
      acquireLatency.recordSince(askedNanos);
      SandboxInfo info = register(warm, owner, ttlSeconds, true);
      handedOutNanos = System.nanoTime();
      refillWhenQuiet(QUIET_MILLIS);
      refill();
      return Future.succeededFuture(info);
    }
    misses++;
    // Registered in the same turn in which it is served: nobody else can end it between.
    Future<SandboxInfo> served =
        line.join()
            .map(sandbox -> {
              acquireLatency.recordSince(askedNanos);
              return register(sandbox, owner, ttlSeconds, false);
            });
    refill();
    return served;
  }

  private @Nullable LiveSandbox nextWarm() {
    LiveSandbox warm = ready.poll();
    while (warm != null && !warm.alive()) {
      warm = ready.poll();
    }
    return warm;
  }

  private SandboxInfo register(LiveSandbox sandbox, Owner owner, long ttlSeconds, boolean warm) {
    Instant now = Instant.now();
    SandboxInfo info =
        new SandboxInfo(
            sandbox.id, owner, runtime, limits.image(), warm, now, now.plusSeconds(ttlSeconds));
    long timer = vertx.setTimer(ttlSeconds * 1000, id -> sandbox.end("expired"));
    leases.put(sandbox.id, new Lease(sandbox, info, timer));
    count();
    return info;
  }

  Future<SandboxInfo> find(String id, Claim claim) {
    return claimed(id, claim).map(Lease::info);
  }

  Future<ExecutionResult> execute(
      String id, Claim claim, ExecutionRequest request, ExecutionFollower follower) {
    return claimed(id, claim)
        .compose(lease -> engineAnswers ? lease.sandbox().execute(request, follower) : engineAway())
        .onSuccess(result -> {
          runLatency.record(result.runNanos());
          overheadLatency.record(result.runNanos() - result.codeNanos());
        });
  }

  <T> Future<T> files(String id, Claim claim, FileOrder<T> order, @Nullable FileTransfer transfer) {
    long askedNanos = System.nanoTime();
    return claimed(id, claim)
        .compose(lease -> engineAnswers ? lease.sandbox().files(order, transfer) : engineAway())
        .onSuccess(done -> {
          if (order.isShort()) {
            fileLatency.recordSince(askedNanos);
          }
        });
  }

  Future<SandboxInfo> delete(String id, Claim claim, String reason) {
    return claimed(id, claim)
        .map(lease -> {
          lease.sandbox().end(reason);
          return lease.info();
        });
  }

  private Future<Lease> claimed(String id, Claim claim) {
    Lease lease = leases.get(id);
    if (lease != null && claim.matches(lease.info().owner())) {
      return lease.sandbox().alive()
          ? Future.succeededFuture(lease)
          : failed(SandboxException.Kind.ENDED, "the sandbox is ending");
    }
    Tombstone tombstone = tombstones.get(id);
    return tombstone == null || !claim.matches(tombstone.owner())
        ? failed(SandboxException.Kind.NOT_FOUND, "there is no such sandbox")
        : failed(SandboxException.Kind.ENDED, "the sandbox has ended: " + tombstone.reason());
  }

  private int total() {
    // What is being removed still takes its memory.
    return leases.size() + ready.size() + starting + removing;
  }

  /** Starts sandboxes: for those who wait as many at once as the machine can, then for the pool. */
  private void refill() {
    while (mayStart()) {
      filling++;
      startOne()
          .onComplete(
              sandbox -> {
                filling--;
                retryMillis = FIRST_RETRY_MILLIS;
                if (closing) {
                  sandbox.end("the server stopped");
                } else if (sandbox.alive() && !line.serve(sandbox)) {
                  ready.add(sandbox);
                }
                refill();
              },
              failure -> {
                filling--;
                if (!line.refuse(failure)) {
                  LOGGER.warn("a warm sandbox could not be started: {}", failure.getMessage());
                  retryLater();
                }
                refill();
              });
    }
    count();
  }

  private boolean mayStart() {
    if (closing || !engineAnswers || total() >= maxSandboxes) {
      return false;
    }
    return filling < line.size()
        ? filling < STARTING_AT_ONCE
        : !retryPlanned
            && filling < FILLING_AT_ONCE
            && ready.size() + filling < limits.warm() + line.size()
            && (2 * ready.size() < limits.warm() || quietMillis() >= QUIET_MILLIS);
  }

  /** How long ago the last warm sandbox was handed out. */
  private long quietMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - handedOutNanos);
  }

  private void refillWhenQuiet(long millis) {
    if (quietPlanned) {
      return;
    }
    quietPlanned = true;
    vertx.setTimer(
        millis,
        id -> {
          quietPlanned = false;
          long missing = QUIET_MILLIS - quietMillis();
          if (missing > 0) {
            refillWhenQuiet(missing);
          } else {
            refill();
          }
        });
  }

  private void retryLater() {
    if (!retryPlanned) {
      retryPlanned = true;
      vertx.setTimer(
          retryMillis,
          id -> {
            retryPlanned = false;
            refill();
          });
      retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
    }
  }

  /** Creates, attaches and starts a container, and waits for its supervisor. */
  private Future<LiveSandbox> startOne() {
    long askedNanos = System.nanoTime();
    starting++;
    count();
    SandboxEnd end = new SandboxEnd();
    LiveSandbox sandbox = new LiveSandbox(ids.get(), vertx, docker, limits, end);
    end.sandbox = sandbox;
    String container = sandbox.container();
    tended.add(container);
    return docker
        .create(container, runtime)
        .compose(created -> {
          if (sandbox.alive()) {
            return SupervisorChannel.attach(client, engine, container, sandbox);
          }
          // The engine took so long that nobody waits any more.
          remove(container);
          return failed(SandboxException.Kind.ENGINE, "created too late");
        })
        .compose(channel -> {
          sandbox.attached(channel);
          return docker.startContainer(container).onSuccess(done -> channel.sendSupervisor());
        })
        .compose(started -> sandbox.ready.future())
        .timeout(limits.startTimeoutMillis(), TimeUnit.MILLISECONDS)
        .map(banner -> {
          createLatency.recordSince(askedNanos);
          return sandbox;
        })
        .recover(failure -> {
          sandbox.end("it did not start");
          return failed(
              SandboxException.Kind.ENGINE,
              "a sandbox could not be started: " + failure.getMessage());
        })
        .onComplete(done -> {
          starting--;
          count();
        });
  }

  /** Runs once when a sandbox is of no more use. */
  private final class SandboxEnd implements Consumer<String> {
    private @Nullable LiveSandbox sandbox;

    @Override
    public void accept(String reason) {
      if (sandbox == null) {
        return;
      }
      remove(sandbox.container());
      ready.remove(sandbox);
      Lease lease = leases.remove(sandbox.id);
      if (lease != null) {
        vertx.cancelTimer(lease.timer());
        tombstones.put(sandbox.id, new Tombstone(lease.info().owner(), reason));
        onEnd.accept(lease.info(), reason);
      }
      refill();
    }
  }

  private void remove(String container) {
    removing++;
    docker
        .remove(container)
        .onFailure(failure ->
            LOGGER.warn(
                "a container waits for the next sweep container={} reason={}",
                container,
                failure.getMessage()))
        .onComplete(done -> {
          removing--;
          tended.remove(container);
          refill();
        });
  }

  /** Removes this node's containers that nobody looks after: what the engine was late with. */
  private void sweep() {
    if (closing || !engineAnswers) {
      return;
    }
    docker
        .containersOfNode()
        .onSuccess(names ->
            names.stream()
                .filter(name -> !tended.contains(name))
                .forEach(name -> {
                  LOGGER.warn("removing a container that nobody looks after container={}", name);
                  tended.add(name);
                  remove(name);
                }))
        .onFailure(failure -> LOGGER.debug("the sweep must wait: {}", failure.getMessage()));
  }

  private void ping() {
    if (pinging) {
      return;
    }
    pinging = true;
    docker
        .ping()
        .onComplete(done -> pinging = false)
        .timeout(PING_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(answered -> engineAnswers(answered.succeeded()));
  }

  private void engineAnswers(boolean answers) {
    if (engineAnswers == answers) {
      return;
    }
    engineAnswers = answers;
    LOGGER.warn("the Docker engine {}", answers ? "answers again" : "is away");
    count();
    if (answers) {
      sweep();
      refill();
    } else {
      line.refuseAll(
          new SandboxException(SandboxException.Kind.ENGINE, "the Docker engine does not answer"));
    }
  }

  private void count() {
    gauges =
        new PoolGauges(
            leases.size(),
            ready.size(),
            starting,
            removing,
            line.size(),
            hits,
            misses,
            engineAnswers);
  }

  /** All words to and from a sandbox go through the engine, warm or not. */
  private static <T> Future<T> engineAway() {
    return failed(SandboxException.Kind.ENGINE, "the Docker engine does not answer");
  }

  private static <T> Future<T> failed(SandboxException.Kind kind, String message) {
    return Future.failedFuture(new SandboxException(kind, message));
  }
}
