package dev.gatehouse.sandbox;

import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.latency.LatencyRecorder;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.latency.LoopLag;
import dev.gatehouse.latency.Metric;
import dev.gatehouse.sandbox.egress.Access;
import dev.gatehouse.sandbox.egress.AllowList;
import dev.gatehouse.sandbox.egress.Traffic;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lifecycle of every sandbox: started ahead, handed out once, destroyed at its end. Here its
 * parts are joined, and what happens to one is told to the others.
 *
 * <p>All state is confined to the verticle's event loop; {@link Sandboxes} brings callers there.
 */
@SuppressWarnings("NullAway.Init")
final class SandboxVerticle extends VerticleBase
    implements EngineWatch.Listener, LiveSandbox.EndListener {
  private static final Logger LOGGER = LoggerFactory.getLogger(SandboxVerticle.class);
  private static final int CONNECT_MILLIS = 5_000;
  private static final long SWEEP_MILLIS = 30_000;
  private static final long REMOVAL_POLL_MILLIS = 20;
  private static final long RULES_MILLIS = 1_000;

  private final DockerVerticle docker;
  private final EngineAddress address;
  private final SandboxSettings limits;
  private final Budget machine;
  private final Quotas quotas;
  private final List<Blueprint> blueprints;
  private final EgressNetwork network;
  private final Sandboxes.EndListener onEnd;
  private final BiFunction<SandboxInfo, Access, Future<Void>> onAccess;
  private final LatencyRecorder createLatency;
  private final LatencyRecorder acquireLatency;
  private final LatencyRecorder runLatency;
  private final LatencyRecorder overheadLatency;
  private final LatencyRecorder fileLatency;
  private final LatencyRegistry latency;
  private NetClient client;
  private EngineWatch engine;
  private Removals removals;
  private Starts starts;
  private Pools pools;
  private Leases leases;
  private Inquest inquest;
  private int arriving;
  private boolean closing;
  private boolean looking;
  private volatile PoolGauges gauges = PoolGauges.NONE;

  /**
   * @param machine what all sandboxes together may take
   * @param onEnd hears of every leased sandbox's end, and why
   * @param onAccess records what a sandbox does with its network
   */
  SandboxVerticle(
      DockerVerticle docker,
      EngineAddress address,
      SandboxSettings limits,
      Budget machine,
      Quotas quotas,
      List<Blueprint> blueprints,
      EgressNetwork network,
      LatencyRegistry latency,
      Sandboxes.EndListener onEnd,
      BiFunction<SandboxInfo, Access, Future<Void>> onAccess) {
    this.docker = docker;
    this.address = address;
    this.limits = limits;
    this.machine = machine;
    this.quotas = quotas;
    this.blueprints = blueprints;
    this.network = network;
    this.onEnd = onEnd;
    this.onAccess = onAccess;
    this.createLatency = latency.recorder(Metric.SANDBOX_CREATE);
    this.acquireLatency = latency.recorder(Metric.SANDBOX_ACQUIRE);
    this.runLatency = latency.recorder(Metric.EXECUTION_RUN);
    this.overheadLatency = latency.recorder(Metric.EXECUTION_OVERHEAD);
    this.fileLatency = latency.recorder(Metric.FILE_ACCESS);
    this.latency = latency;
  }

  @Override
  public Future<?> start() {
    client = vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_MILLIS));
    removals = new Removals(docker);
    engine = new EngineWatch(vertx, docker, client, address, this);
    starts =
        new Starts(
            vertx,
            docker,
            client,
            address,
            limits,
            removals,
            () -> UUID.randomUUID().toString(),
            createLatency,
            this);
    pools =
        new Pools(
            vertx, limits.waitMillis(), starts, removals, engine, machine, blueprints, this::count);
    leases = new Leases(vertx, docker);
    inquest = new Inquest(vertx, docker, engine);
    LoopLag.watch(vertx, latency);
    return Future.succeededFuture();
  }

  /** Destroys every sandbox. */
  @Override
  public Future<?> stop() {
    closing = true;
    engine.close();
    pools.close();
    leases.endAll(Ending.SERVER_STOPPED);
    return awaitRemovals(limits.startTimeoutMillis())
        .eventually(network::close)
        .eventually(client::close);
  }

  private Future<Void> awaitRemovals(long millis) {
    int alive = leases.size() + removals.underWay() + starts.underWay() + arriving;
    return alive == 0 || millis <= 0
        ? Future.succeededFuture()
        : vertx
            .timer(REMOVAL_POLL_MILLIS, TimeUnit.MILLISECONDS)
            .compose(waited -> awaitRemovals(millis - REMOVAL_POLL_MILLIS));
  }

  PoolGauges gauges() {
    return gauges;
  }

  Traffic traffic() {
    return network.traffic();
  }

  Context loop() {
    return context;
  }

  /** Starts one sandbox of the blueprint, looks at it from inside, and ends it. */
  Future<ImageCheck.Findings> inspect(Blueprint blueprint) {
    machine.take(blueprint.profile());
    return new ImageCheck(starts).of(blueprint);
  }

  /** Begins to fill the pools, and to watch over them. */
  Future<Void> open() {
    engine.start();
    vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
    vertx.setPeriodic(RULES_MILLIS, id -> watchNetwork());
    pools.open();
    return Future.succeededFuture();
  }

  /**
   * Hands out a sandbox, warm if one stands ready and it shall have no network.
   *
   * @param follower of what shall run in it; where that is cancelled nothing is waited for
   */
  Future<SandboxInfo> lease(SandboxOrder order, ExecutionFollower follower) {
    long askedNanos = System.nanoTime();
    if (follower.isCancelled()) {
      return Future.failedFuture(SandboxException.cancelled());
    }
    if (closing) {
      return failed("the server is stopping");
    }
    if (!engine.answers()) {
      return engineAway();
    }
    Pool pool = pools.of(order.profile());
    Profile profile = pool.profile();
    String tenant = order.owner().tenant();
    AllowList allow = order.network();
    quotas.take(order.owner(), profile);
    if (allow != null) {
      return leaseWithNetwork(order, pool, allow);
    }
    LiveSandbox warm = pools.takeReady(pool);
    if (warm != null) {
      warm.handOut();
      return Future.succeededFuture(register(warm, order, true, askedNanos));
    }
    // Registered in the same turn in which it is served: nobody else can end it between.
    return pools
        .await(tenant, pool, follower)
        .onFailure(failure -> {
          quotas.give(order.owner(), profile);
          failed(failure, acquireLatency);
        })
        .map(sandbox -> register(sandbox, order, false, askedNanos));
  }

  /** Starts a sandbox with network; none stands ready, and no room is waited for. */
  private Future<SandboxInfo> leaseWithNetwork(SandboxOrder order, Pool pool, AllowList allow) {
    String secret = UUID.randomUUID().toString();
    long askedNanos = System.nanoTime();
    arriving++;
    return network
        .site(secret, this::startTrial)
        .compose(site -> arrive(site, pool))
        .onComplete(done -> arriving--)
        .onSuccess(arrival -> acquireLatency.recordSince(askedNanos))
        .onFailure(failure -> {
          quotas.give(order.owner(), pool.profile());
          failed(failure, acquireLatency);
        })
        // In the same turn in which it is there: nobody can have ended it between.
        .compose(arrival -> admit(arrival, order, secret, allow));
  }

  /**
   * One of those that try whether the network is closed; they too take room only if it is there.
   */
  private Future<LiveSandbox> startTrial(Site site) {
    Pool pool = pools.of(Profile.STANDARD);
    return pools.hasRoomFor(pool.profile())
        ? startOn(site, pool)
        : Future.failedFuture(
            new SandboxException(
                SandboxException.Kind.EXHAUSTED,
                "there is no room for the two sandboxes that try the network first"));
  }

  private Future<LiveSandbox> startOn(Site site, Pool pool) {
    Blueprint blueprint = network.blueprint(pool.blueprint());
    machine.take(blueprint.profile());
    return starts.start(blueprint, site).onComplete(done -> pools.refill());
  }

  /** A sandbox on the network, in nobody's hands yet. */
  private record Arrival(LiveSandbox sandbox, String address) {}

  private Future<Arrival> arrive(Site site, Pool pool) {
    if (!pools.hasRoomFor(pool.profile())) {
      return Future.failedFuture(
          new SandboxException(
              SandboxException.Kind.EXHAUSTED, "there is no room for another sandbox now"));
    }
    return startOn(site, pool)
        .compose(sandbox ->
            docker
                .addressOn(sandbox.container(), site.network())
                .onFailure(failure -> sandbox.end("it has no address"))
                .compose(address -> {
                  if (closing) {
                    sandbox.end(Ending.SERVER_STOPPED.word());
                  }
                  return sandbox.alive()
                      ? Future.succeededFuture(new Arrival(sandbox, address))
                      : failed("the sandbox ended as soon as it had begun");
                }));
  }

  private Future<SandboxInfo> admit(
      Arrival arrival, SandboxOrder order, String secret, AllowList allow) {
    LiveSandbox sandbox = arrival.sandbox();
    SandboxInfo info = leases.register(sandbox, order, false);
    count();
    return network
        .proxy()
        .admit(
            sandbox.id,
            arrival.address(),
            secret,
            allow,
            sandbox::alive,
            access -> onAccess.apply(info, access))
        .onFailure(failure -> sandbox.end("the proxy did not admit it"))
        .map(info);
  }

  /** Replaces the list of where a sandbox may go; what it no longer allows is closed. */
  Future<SandboxInfo> changeNetwork(String id, Claim claim, AllowList allow) {
    return leases
        .changeNetwork(id, claim, allow)
        .compose(info -> network.proxy().change(id, allow).map(info));
  }

  private SandboxInfo register(
      LiveSandbox sandbox, SandboxOrder order, boolean warm, long askedNanos) {
    acquireLatency.recordSince(askedNanos);
    SandboxInfo info = leases.register(sandbox, order, warm);
    count();
    return info;
  }

  Leases leases() {
    return leases;
  }

  Pools pools() {
    return pools;
  }

  Future<ExecutionResult> execute(
      String id, Claim claim, ExecutionRequest request, ExecutionFollower follower) {
    pools.workBegins();
    return leases
        .use(
            id,
            claim,
            sandbox -> engine.answers() ? sandbox.execute(request, follower) : engineAway())
        .onComplete(ended -> pools.workEnds())
        .onSuccess(result -> {
          runLatency.record(result.runNanos());
          overheadLatency.record(result.runNanos() - result.codeNanos());
        })
        .onFailure(failure -> failed(failure, runLatency));
  }

  <T> Future<T> files(String id, Claim claim, FileOrder<T> order, @Nullable FileTransfer transfer) {
    long askedNanos = System.nanoTime();
    return leases
        .use(id, claim, sandbox -> engine.answers() ? sandbox.files(order, transfer) : engineAway())
        .onSuccess(done -> {
          if (order.isShort()) {
            fileLatency.recordSince(askedNanos);
          }
        })
        .onFailure(failure -> failed(failure, fileLatency));
  }

  /** Not what the caller brought upon himself. */
  private static void failed(Throwable failure, LatencyRecorder latency) {
    if (failure instanceof SandboxException known && known.isOurs()) {
      latency.fail();
    }
  }

  /** What it has open to the outside is closed at once, also while its death is awaited. */
  @Override
  public void closed(LiveSandbox sandbox) {
    if (leases.hasNetwork(sandbox)) {
      network.proxy().dismiss(sandbox.id);
    }
  }

  /** What the engine knows of its end it tells before the removal. */
  @Override
  public void ended(LiveSandbox sandbox, String reason) {
    Profile profile = sandbox.blueprint.profile();
    pools.of(profile.name()).forget(sandbox);
    if (!leases.has(sandbox)) {
      remove(sandbox);
      return;
    }
    inquest
        .into(sandbox, reason)
        .onSuccess(ending -> {
          String text = ending == Ending.DIED || ending == Ending.KILLED ? reason : ending.word();
          Lease lease = leases.end(sandbox, ending, text);
          if (lease != null) {
            quotas.give(lease.owner(), profile);
            onEnd.ended(lease.info(), ending, text);
          }
          remove(sandbox);
        });
  }

  private void remove(LiveSandbox sandbox) {
    removals
        .remove(sandbox.container())
        .onSuccess(gone -> {
          machine.give(sandbox.blueprint.profile());
          pools.refill();
        });
    pools.refill();
  }

  private void sweep() {
    if (!closing && engine.answers()) {
      removals.sweep();
      imagesChanged();
    }
  }

  private void watchNetwork() {
    if (!closing) {
      network
          .watch()
          .onFailure(failure -> {
            LOGGER.error("sandboxes with network are ended: {}", failure.getMessage());
            leases.endNetworked(Ending.UNFENCED);
          });
    }
  }

  @Override
  public void engineAnswersAgain() {
    sweep();
    pools.refill();
  }

  @Override
  public void engineIsAway() {
    pools.refuseAll("the Docker engine does not answer");
    count();
  }

  /** Looks what the profiles' images are called now. One that is gone changes nothing. */
  @Override
  public void imagesChanged() {
    if (looking || closing) {
      return;
    }
    looking = true;
    List<Future<Void>> looks =
        pools.all().stream()
            .map(pool ->
                docker
                    .imageId(pool.profile().image())
                    .onSuccess(found -> found.ifPresent(id -> rebuildIfChanged(pool, id)))
                    .<Void>mapEmpty())
            .toList();
    Future.join(looks).onComplete(done -> looking = false);
  }

  private void rebuildIfChanged(Pool pool, String imageId) {
    if (!imageId.equals(pool.blueprint().imageId()) && !closing) {
      pools.rebuild(pool, imageId);
    }
  }

  private void count() {
    gauges =
        new PoolGauges(
            leases.size(),
            pools.sum(Pool::ready),
            starts.underWay(),
            removals.underWay(),
            removals.removed(),
            pools.waiting(),
            pools.all().stream().mapToLong(Pool::hits).sum(),
            pools.all().stream().mapToLong(Pool::misses).sum(),
            engine.answers(),
            machine.memoryMib(),
            machine.limit().memoryMib(),
            pools.gauges());
  }

  /** All words to and from a sandbox go through the engine, warm or not. */
  private static <T> Future<T> engineAway() {
    return failed("the Docker engine does not answer");
  }

  private static <T> Future<T> failed(String message) {
    return Future.failedFuture(new SandboxException(SandboxException.Kind.ENGINE, message));
  }
}
