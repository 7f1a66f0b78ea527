package dev.gatehouse.sandbox;

import dev.gatehouse.config.LimitSettings;
import dev.gatehouse.config.LimitSettings.Quota;
import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.config.SandboxSettings.Profile;
import dev.gatehouse.latency.LatencyRegistry;
import dev.gatehouse.sandbox.egress.Access;
import dev.gatehouse.sandbox.egress.AllowList;
import dev.gatehouse.sandbox.egress.Egress;
import dev.gatehouse.sandbox.egress.Traffic;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
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
  private final DockerVerticle docker;
  private final SandboxVerticle verticle;
  private final Context loop;
  private final Isolation isolation;
  private final PastSandboxes past;

  private Sandboxes(
      Vertx vertx,
      DockerVerticle docker,
      SandboxVerticle verticle,
      Context loop,
      Isolation isolation,
      PastSandboxes past) {
    this.vertx = vertx;
    this.docker = docker;
    this.verticle = verticle;
    this.loop = loop;
    this.isolation = isolation;
    this.past = past;
  }

  /** Who hears, on the sandbox loop, of every sandbox's end. */
  public interface EndListener {
    /**
     * A sandbox that somebody held is gone.
     *
     * @param text the ending's word, or what is known beyond it
     */
    void ended(SandboxInfo sandbox, Ending ending, String text);
  }

  /**
   * Finds the engine, its runtime and the profiles' images, removes what earlier runs left, starts
   * one sandbox a profile to look at it from inside, and fills the pools.
   *
   * @param node names this server in the containers' labels
   * @param onEnd hears, on the sandbox loop, of every sandbox's end and why
   * @param onAccess records, on the proxy's loop, what a sandbox does with its network
   * @param past is asked, on the caller's loop, for sandboxes that nobody here remembers
   * @return fails with what is missing and what mends it
   */
  public static Future<Sandboxes> start(
      Vertx vertx,
      EngineAddress engine,
      SandboxSettings settings,
      LimitSettings limits,
      String node,
      LatencyRegistry latency,
      EndListener onEnd,
      BiFunction<SandboxInfo, Access, Future<Void>> onAccess,
      PastSandboxes past) {
    DockerVerticle docker = new DockerVerticle(engine, settings, node);
    return vertx
        .deployVerticle(docker, DockerVerticle.deployment())
        .compose(deployed -> machine(docker, engine))
        .compose(machine ->
            checkRoom(settings, allTogether(limits, machine))
                .compose(fits ->
                    blueprints(
                        docker, settings, runtimeAmong(machine.runtimes(), settings.runtime())))
                .compose(blueprints ->
                    removeLeftOvers(docker)
                        .compose(removed -> Egress.start(vertx, settings.egress()))
                        .compose(egress -> {
                          EgressNetwork network =
                              new EgressNetwork(
                                  vertx,
                                  docker,
                                  settings,
                                  egress,
                                  blueprints.getFirst().runtime(),
                                  node);
                          SandboxVerticle verticle =
                              new SandboxVerticle(
                                  docker,
                                  engine,
                                  settings,
                                  new Budget(allTogether(limits, machine)),
                                  new Quotas(limits),
                                  blueprints,
                                  network,
                                  latency,
                                  onEnd,
                                  onAccess);
                          return network
                              .remove()
                              .compose(removed -> vertx.deployVerticle(verticle))
                              .compose(deployed ->
                                  open(
                                          vertx,
                                          docker,
                                          verticle,
                                          blueprints,
                                          settings.runtime(),
                                          past)
                                      // What was started to look at is removed before the rest
                                      // stops.
                                      .recover(failure ->
                                          vertx
                                              .undeploy(deployed)
                                              .transform(
                                                  undeployed -> Future.failedFuture(failure))));
                        })));
  }

  private static Future<DockerVerticle.Machine> machine(
      DockerVerticle docker, EngineAddress engine) {
    return docker
        .machine()
        .recover(failure ->
            Future.failedFuture(
                new SandboxException(
                    SandboxException.Kind.ENGINE,
                    "no Docker engine answers at "
                        + engine.uri()
                        + " ("
                        + failure.getMessage()
                        + "): ./gatehouse doctor says what is missing")));
  }

  /** Memory that is promised twice is taken from the others when it is used. */
  private static Quota allTogether(LimitSettings limits, DockerVerticle.Machine machine) {
    long memoryMib = limits.memoryMib() > 0 ? limits.memoryMib() : machine.memoryMib();
    return new Quota(limits.sandboxes(), memoryMib, limits.cpus());
  }

  /** A profile that never fits would have its callers wait in vain. */
  private static Future<Void> checkRoom(SandboxSettings settings, Quota machine) {
    for (Profile profile : settings.allProfiles()) {
      if (!new Budget(machine).fits(profile)) {
        return Future.failedFuture(
            new SandboxException(
                SandboxException.Kind.ENGINE,
                "profile %s has %d MiB, the engine's machine %d MiB: write limits.memoryMiB"
                        .formatted(profile.name(), profile.memoryMib(), machine.memoryMib())
                    + " to promise more than there is"));
      }
    }
    return Future.succeededFuture();
  }

  private static Future<List<Blueprint>> blueprints(
      DockerVerticle docker, SandboxSettings settings, String runtime) {
    List<Future<Blueprint>> blueprints = new ArrayList<>();
    for (Profile profile : settings.allProfiles()) {
      blueprints.add(
          docker
              .imageId(profile.image())
              .map(found -> {
                String id =
                    found.orElseThrow(() ->
                        new SandboxException(
                            SandboxException.Kind.ENGINE,
                            "the engine has no image "
                                + profile.image()
                                + ": docker/build-image makes the default one"));
                return new Blueprint(profile, runtime, id);
              }));
    }
    return Future.all(blueprints).map(all -> all.list());
  }

  private static Future<Sandboxes> open(
      Vertx vertx,
      DockerVerticle docker,
      SandboxVerticle verticle,
      List<Blueprint> blueprints,
      String wanted,
      PastSandboxes past) {
    Context loop = verticle.loop();
    List<Future<ImageCheck.Findings>> looks =
        blueprints.stream().map(one -> on(loop, vertx, () -> verticle.inspect(one))).toList();
    // All are over before one fails the start: a sandbox that is being looked at would be left.
    return Future.join(looks)
        .compose(all -> {
          List<ImageCheck.Findings> findings = all.list();
          boolean gvisor = findings.stream().allMatch(ImageCheck.Findings::gvisor);
          Isolation isolation = new Isolation(blueprints.getFirst().runtime(), gvisor);
          return checkIsolation(isolation, wanted)
              .compose(checked -> on(loop, vertx, verticle::open))
              .map(opened -> new Sandboxes(vertx, docker, verticle, loop, isolation, past));
        });
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

  private static Future<Void> checkIsolation(Isolation isolation, String wanted) {
    if (isolation.gvisor()) {
      return Future.succeededFuture();
    }
    if (wanted.equals(RUNC)) {
      LOGGER.warn(
          "sandboxes share the host's kernel: sandbox.runtime is runc, isolation is weaker");
      return Future.succeededFuture();
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

  /** What all sandboxes did with their network since the start. */
  public Traffic traffic() {
    return verticle.traffic();
  }

  /** Calls to the engine since the start, those that only ask whether it is there aside. */
  public long engineCalls() {
    return docker.calls();
  }

  SandboxVerticle verticle() {
    return verticle;
  }

  /**
   * Gives a sandbox nobody had before. One with network reaches what its list allows, through a
   * proxy, and nothing else; fails as NETWORK where that cannot be shown to be so.
   */
  public Future<SandboxInfo> create(SandboxOrder order) {
    return create(order, ExecutionFollower.silent());
  }

  /**
   * Whether a sandbox that was just created lives. It was asked for a sign of life when it was
   * handed out, and that is heard here: what stands ready may have been frozen or killed a moment
   * ago. False, within two seconds, where it does not come; then the sandbox has ended, and another
   * one should be taken. To be asked beside something else that takes its time; never fails.
   */
  public Future<Boolean> lives(SandboxInfo created) {
    return onLoop(() -> verticle.leases().lives(created.id()));
  }

  /**
   * As {@link #create(SandboxOrder)}, for an execution: when its follower cancels while nothing is
   * free, the place in line is given up, and this fails as CANCELLED.
   */
  public Future<SandboxInfo> create(SandboxOrder order, ExecutionFollower follower) {
    return onLoop(() -> verticle.lease(order, follower));
  }

  /** Replaces the list of a sandbox that has network; what it no longer allows is closed. */
  public Future<SandboxInfo> changeNetwork(String id, Claim claim, AllowList allow) {
    return reach(id, claim, () -> verticle.changeNetwork(id, claim, allow));
  }

  public Future<SandboxInfo> find(String id, Claim claim) {
    return reach(id, claim, () -> verticle.leases().find(id, claim));
  }

  /** The sandbox, if that language may be run in it now. */
  public Future<SandboxInfo> runnable(String id, Claim claim, Language language) {
    return reach(id, claim, () -> verticle.leases().runnable(id, claim, language));
  }

  /** The sandboxes that live and match, page by page. */
  public Future<SandboxQuery.Page> list(SandboxQuery query) {
    return onLoop(() -> Future.succeededFuture(verticle.leases().list(query)));
  }

  /** Runs code in a sandbox, after what was asked of that sandbox before. */
  public Future<ExecutionResult> execute(
      String id, Claim claim, ExecutionRequest request, ExecutionFollower follower) {
    return reach(id, claim, () -> verticle.execute(id, claim, request, follower));
  }

  /**
   * Speaks to what runs for a follower; fails with {@link SteeringException}, and then nothing was
   * sent.
   */
  public Future<Void> steer(ExecutionFollower follower, Steering what) {
    return onLoop(() -> follower.steer(what));
  }

  /** Lets a sandbox live for so long from now. */
  public Future<SandboxInfo> renew(String id, Claim claim, long ttlSeconds) {
    return reach(id, claim, () -> verticle.leases().renew(id, claim, ttlSeconds));
  }

  /** Takes the processor from a sandbox in which nothing runs; its time to live goes on. */
  public Future<SandboxInfo> pause(String id, Claim claim) {
    return reach(id, claim, () -> verticle.leases().pause(id, claim));
  }

  public Future<SandboxInfo> resume(String id, Claim claim) {
    return reach(id, claim, () -> verticle.leases().resume(id, claim));
  }

  /**
   * Does something with a sandbox's files; fails with {@link FileException} too.
   *
   * @param transfer where content goes; null where there is none
   */
  public <T> Future<T> files(
      String id, Claim claim, FileOrder<T> order, @Nullable FileTransfer transfer) {
    return reach(id, claim, () -> verticle.files(id, claim, order, transfer));
  }

  /** Ends a sandbox; it is out of reach at once, and its container is removed soon after. */
  public Future<SandboxInfo> delete(String id, Claim claim, Ending ending) {
    return reach(id, claim, () -> verticle.leases().delete(id, claim, ending));
  }

  /** Destroys every sandbox and stops. */
  public Future<Void> close() {
    return vertx.undeploy(verticle.deploymentID());
  }

  /** Works on a sandbox; where there is none, says why if that is known. */
  private <T> Future<T> reach(String id, Claim claim, Supplier<Future<T>> work) {
    return onLoop(work)
        .recover(failure ->
            failure instanceof SandboxException why && why.kind() == SandboxException.Kind.NOT_FOUND
                ? past.find(id, claim)
                    .otherwise(Optional.empty())
                    .compose(found ->
                        Future.failedFuture(
                            found
                                .map(end -> SandboxException.ended(end.ending(), end.text()))
                                .orElse(why)))
                : Future.failedFuture(failure));
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> work) {
    return on(loop, vertx, work);
  }

  private static <T> Future<T> on(Context loop, Vertx vertx, Supplier<Future<T>> work) {
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
