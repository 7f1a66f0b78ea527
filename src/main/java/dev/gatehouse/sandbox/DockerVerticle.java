package dev.gatehouse.sandbox;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.gatehouse.config.SandboxSettings;
import dev.gatehouse.config.SandboxSettings.Profile;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every blocking call to the engine, on this worker verticle's own bounded threads. The methods may
 * be called from any event loop, and their futures complete on the caller's; each has a deadline,
 * after which its future fails although the thread may still hang in the call.
 */
final class DockerVerticle extends VerticleBase implements Removals.Engine {
  /** Marks everything Gatehouse makes. */
  static final String LABEL = "dev.gatehouse";

  static final String NODE_LABEL = "dev.gatehouse.node";

  /** Threads that may block in a call to the engine at once. */
  static final int THREADS = 8;

  /** Calls, removals that wait and remove, deaths that are asked for and listened to, a ping. */
  private static final int MAX_CONNECTIONS = 5 * THREADS + 1;

  /** What one task inside may take of gVisor on the host: five at rest, above eight in a bomb. */
  private static final int HOST_TASKS_A_TASK = 16;

  private static final String RUNC = "runc";
  private static final String USER = "1000:1000";
  private static final long MIB = 1 << 20;
  private static final int SHARED_MEMORY_MIB = 16;
  private static final int SCRATCH_MIB = 8;

  /** Nobody is there: the engine would otherwise pass a sandbox's questions on from the host. */
  private static final String NO_NAME_SERVER = "240.0.0.1";

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Integer KILLED = 128 + 9;
  private static final Duration LATE_NEWS = Duration.ofSeconds(10);

  /** How long a container may take to end by itself. */
  private static final Duration OWN_END = Duration.ofSeconds(3);

  private static final Duration FORGOTTEN = Duration.ofMinutes(10);

  /**
   * What the engine knows of a container that stopped.
   *
   * @param exitCode the first process's, as the engine saw it
   */
  record Death(boolean outOfMemory, @Nullable Integer exitCode) {}

  private final EngineAddress address;
  private final SandboxSettings limits;
  private final String node;
  private final AtomicLong calls = new AtomicLong();
  private @Nullable DockerClient client;
  private @Nullable WorkerExecutor pinger;
  private @Nullable WorkerExecutor remover;
  private @Nullable WorkerExecutor coroner;

  DockerVerticle(EngineAddress address, SandboxSettings limits, String node) {
    this.address = address;
    this.limits = limits;
    this.node = node;
  }

  @Override
  public Future<?> start() {
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(address.uri().toString())
            .withDockerTlsVerify(false)
            .build();
    client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .maxConnections(MAX_CONNECTIONS)
                .connectionTimeout(CONNECT_LIMIT)
                .responseTimeout(Duration.ofMillis(limits.startTimeoutMillis()))
                .build());
    pinger = vertx.createSharedWorkerExecutor("gatehouse-docker-ping", 1);
    remover = vertx.createSharedWorkerExecutor("gatehouse-docker-remove", THREADS);
    coroner = vertx.createSharedWorkerExecutor("gatehouse-docker-death", THREADS);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() throws IOException {
    if (pinger != null) {
      pinger.close();
    }
    if (remover != null) {
      remover.close();
    }
    if (coroner != null) {
      coroner.close();
    }
    if (client != null) {
      client.close();
    }
    return Future.succeededFuture();
  }

  /**
   * Where the engine runs.
   *
   * @param runtimes the names of its runtimes
   */
  record Machine(Set<String> runtimes, long memoryMib) {}

  /** What the engine runs on, or a failure if no engine answers. */
  Future<Machine> machine() {
    return call(docker -> {
      Info info = docker.infoCmd().exec();
      Object runtimes = info.getRawValues().get("Runtimes");
      Set<String> names =
          runtimes instanceof Map<?, ?> map
              ? map.keySet().stream().map(String::valueOf).collect(Collectors.toUnmodifiableSet())
              : Set.of();
      Long bytes = info.getMemTotal();
      return new Machine(names, bytes == null ? 0 : bytes / MIB);
    });
  }

  /** Calls to the engine since the start, those that only ask whether it is there aside. */
  long calls() {
    return calls.get();
  }

  /** Asks on a thread of its own, so that a queue of other calls is not taken for silence. */
  Future<Void> ping() {
    return Objects.requireNonNull(pinger, "not started")
        .executeBlocking(() -> {
          Objects.requireNonNull(client, "not started").pingCmd().exec();
          return null;
        });
  }

  /** The digest of the image that the name means now, if there is one. */
  Future<Optional<String>> imageId(String image) {
    return call(docker -> {
      try {
        return Optional.ofNullable(docker.inspectImageCmd(image).exec().getId());
      } catch (NotFoundException e) {
        return Optional.empty();
      }
    });
  }

  /** Creates a container that waits for its supervisor; gives its id. */
  Future<String> create(String name, Blueprint blueprint, Site site) {
    return call(docker ->
        docker
            .createContainerCmd(blueprint.imageId())
            .withName(name)
            .withLabels(Map.of(LABEL, "sandbox", NODE_LABEL, node))
            .withUser(USER)
            .withWorkingDir("/workspace")
            .withEntrypoint("python3", "-I", "-S", "-u", "-c", SupervisorText.BOOTSTRAP)
            .withCmd(List.of())
            .withStdinOpen(true)
            // The sandbox's input closes with our connection, and with it the sandbox ends,
            // also when this process is killed.
            .withStdInOnce(true)
            .withAttachStdin(true)
            .withAttachStdout(true)
            .withAttachStderr(true)
            .withEnv(site.environment())
            .withHostConfig(hostConfig(blueprint, site))
            .exec()
            .getId());
  }

  private HostConfig hostConfig(Blueprint blueprint, Site site) {
    Profile limits = blueprint.profile();
    long memory = limits.memoryMib() * MIB;
    HostConfig config = new HostConfig();
    if (!site.isSealed()) {
      config.withDns(List.of(NO_NAME_SERVER)).withDnsOptions(List.of("timeout:1", "attempts:1"));
    }
    if (!blueprint.runtime().equals(RUNC)) {
      // A fork bomb would use up gVisor's own tasks faster than the supervisor can count, and
      // gVisor dies of that. Not with runc, where all sandboxes' users are one.
      long tasks = Math.max(1, limits.hostTasks() / HOST_TASKS_A_TASK);
      config.withUlimits(List.of(new Ulimit("nproc", tasks, tasks)));
    }
    return config
        .withRuntime(blueprint.runtime())
        .withNetworkMode(site.network())
        .withReadonlyRootfs(true)
        .withCapDrop(Capability.ALL)
        .withSecurityOpts(List.of("no-new-privileges"))
        .withMemory(memory)
        .withMemorySwap(memory)
        .withNanoCPUs((long) (limits.cpus() * 1e9))
        .withPidsLimit((long) limits.hostTasks())
        .withShmSize(SHARED_MEMORY_MIB * MIB)
        .withIpcMode("private")
        .withTmpFs(
            Map.of(
                "/workspace", tmpfs(limits.workspaceMib(), "0755"),
                "/tmp", tmpfs(limits.tmpMib(), "1777"),
                "/run/gatehouse", tmpfs(SCRATCH_MIB, "0700")))
        // Frames are no log: the engine must not keep a copy of them on its disk.
        .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE));
  }

  private static String tmpfs(int mib, String mode) {
    return "exec,nosuid,nodev,size=" + mib + "m,uid=1000,gid=1000,mode=" + mode;
  }

  Future<Void> startContainer(String container) {
    return run(docker -> docker.startContainerCmd(container).exec());
  }

  /** Takes the processor from everything inside. */
  Future<Void> pause(String container) {
    return run(docker -> docker.pauseContainerCmd(container).exec());
  }

  Future<Void> resume(String container) {
    return run(docker -> docker.unpauseContainerCmd(container).exec());
  }

  /**
   * Removes a container whose stream was closed, so that it ends by itself; one that does not is
   * killed. Succeeds if there is none. On threads of its own: nobody's start shall wait for that.
   *
   * <p>A kill is the last resort: of a sandbox that holds a fork bomb's processes it was seen to
   * take 40 to 120 s on an idle machine, with a child of containerd's shim (1.6) ended and not
   * reaped.
   */
  @Override
  public Future<Void> remove(String container) {
    calls.incrementAndGet();
    return Objects.requireNonNull(remover, "not started")
        .<Void>executeBlocking(
            () -> {
              DockerClient docker = Objects.requireNonNull(client, "not started");
              try {
                if (!endsByItself(docker, container) && isPaused(docker, container)) {
                  // It has not heard yet that it is over; a kill would take 10 s to reach it.
                  docker.unpauseContainerCmd(container).exec();
                  endsByItself(docker, container);
                }
                docker.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
              } catch (NotFoundException e) {
                // Gone is what was asked for.
              }
              return null;
            },
            false)
        .timeout(2L * limits.startTimeoutMillis(), TimeUnit.MILLISECONDS);
  }

  private static boolean endsByItself(DockerClient docker, String container)
      throws InterruptedException {
    try (var ended = docker.waitContainerCmd(container).start()) {
      return ended.awaitCompletion(OWN_END.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPaused(DockerClient docker, String container) {
    return Boolean.TRUE.equals(docker.inspectContainerCmd(container).exec().getState().getPaused());
  }

  /**
   * How a container died; fails if it still runs or is not known. On threads of its own: what the
   * engine is late with takes seconds, and guests can die as often as they like.
   */
  Future<Death> death(String container) {
    return on(
        Objects.requireNonNull(coroner, "not started"),
        docker -> {
          ContainerState state = docker.inspectContainerCmd(container).exec().getState();
          if (Boolean.TRUE.equals(state.getRunning())) {
            throw new IllegalStateException("the container still runs");
          }
          Long code = state.getExitCodeLong();
          Integer exitCode = code == null ? null : code.intValue();
          boolean outOfMemory =
              Boolean.TRUE.equals(state.getOOMKilled())
                  || (KILLED.equals(exitCode)
                      && toldLate(docker, container, state.getFinishedAt()));
          return new Death(outOfMemory, exitCode);
        });
  }

  /**
   * Whether the engine hears only after the end that memory had run out (up to 1.2 s after, seen
   * with moby 20.10 on a busy machine): it tells so in an event, but no longer in the container's
   * state.
   */
  private static boolean toldLate(
      DockerClient docker, String container, @Nullable String finishedAt) {
    if (finishedAt == null) {
      return false;
    }
    // By the engine's clock; the stream ends there by itself.
    Instant end = Instant.parse(finishedAt);
    FirstEvent oom = new FirstEvent();
    docker
        .eventsCmd()
        .withContainerFilter(container)
        .withEventFilter("oom")
        .withSince(String.valueOf(end.getEpochSecond()))
        .withUntil(String.valueOf(end.plus(LATE_NEWS).getEpochSecond() + 1))
        .exec(oom);
    return oom.comesWithin(LATE_NEWS);
  }

  private static final class FirstEvent extends ResultCallback.Adapter<Event> {
    private volatile boolean came;

    @Override
    public void onNext(Event event) {
      came = true;
      onComplete();
    }

    boolean comesWithin(Duration limit) {
      try (this) {
        awaitCompletion(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return came;
    }
  }

  /**
   * The containers of earlier runs: all of this node's, and every sandbox of another node that has
   * not run for a while, because its server is gone; a living one still asks how they died.
   */
  Future<List<String>> leftOvers() {
    return call(docker ->
        docker.listContainersCmd().withShowAll(true).withLabelFilter(List.of(LABEL)).exec().stream()
            .filter(container ->
                node.equals(container.getLabels().get(NODE_LABEL))
                    || (!"running".equals(container.getState())
                        && isForgotten(docker, container.getId())))
            .map(Container::getId)
            .toList());
  }

  private static boolean isForgotten(DockerClient docker, String container) {
    try {
      InspectContainerResponse inspected = docker.inspectContainerCmd(container).exec();
      String finished = inspected.getState().getFinishedAt();
      Instant since = Instant.parse(finished == null ? inspected.getCreated() : finished);
      // The engine says year 1 of what never ran.
      Instant last = since.getEpochSecond() > 0 ? since : Instant.parse(inspected.getCreated());
      return last.isBefore(Instant.now().minus(FORGOTTEN));
    } catch (NotFoundException e) {
      return false;
    }
  }

  /** The names of this node's containers, in whatever state. */
  @Override
  public Future<List<String>> containersOfNode() {
    return call(docker ->
        docker
            .listContainersCmd()
            .withShowAll(true)
            .withLabelFilter(Map.of(NODE_LABEL, node))
            .exec()
            .stream()
            // The engine puts a slash before a name.
            .map(container -> container.getNames()[0].substring(1))
            .toList());
  }

  /**
   * Makes a network that no router serves and whose members do not see each other, or takes the one
   * of that name; gives its gateway, which is the host's address on it.
   *
   * @param name also the name of the bridge's interface
   */
  Future<String> network(String name) {
    return call(docker -> {
      if (docker.listNetworksCmd().withNameFilter(name).exec().stream()
          .noneMatch(network -> name.equals(network.getName()))) {
        docker
            .createNetworkCmd()
            .withName(name)
            .withDriver("bridge")
            .withInternal(true)
            .withCheckDuplicate(true)
            .withLabels(Map.of(LABEL, "network", NODE_LABEL, node))
            .withOptions(
                Map.of(
                    "com.docker.network.bridge.name",
                    name,
                    "com.docker.network.bridge.enable_icc",
                    "false"))
            .exec();
      }
      Network network = docker.inspectNetworkCmd().withNetworkId(name).exec();
      List<Network.Ipam.Config> ranges = network.getIpam().getConfig();
      if (!Boolean.TRUE.equals(network.getInternal())
          || ranges.size() != 1
          || ranges.get(0).getGateway() == null) {
        throw new IllegalStateException("the network " + name + " is not as it was made");
      }
      return ranges.get(0).getGateway();
    });
  }

  /** Whether there is a network of that name. */
  Future<Boolean> hasNetwork(String name) {
    return call(docker ->
        docker.listNetworksCmd().withNameFilter(name).exec().stream()
            .anyMatch(network -> name.equals(network.getName())));
  }

  /** Removes a network; succeeds if there is none. */
  Future<Void> removeNetwork(String name) {
    return run(docker -> {
      try {
        docker.removeNetworkCmd(name).exec();
      } catch (NotFoundException e) {
        // Gone is what was asked for.
      }
    });
  }

  /** The address of a running container on a network. */
  Future<String> addressOn(String container, String network) {
    return call(docker -> {
      ContainerNetwork place =
          docker
              .inspectContainerCmd(container)
              .exec()
              .getNetworkSettings()
              .getNetworks()
              .get(network);
      String address = place == null ? null : place.getIpAddress();
      if (address == null || address.isEmpty()) {
        throw new IllegalStateException("the container has no address on " + network);
      }
      return address;
    });
  }

  private interface EngineCall<T> {
    T on(DockerClient docker);
  }

  private Future<Void> run(Consumer<DockerClient> action) {
    return call(
            docker -> {
              action.accept(docker);
              return true;
            })
        .mapEmpty();
  }

  private <T> Future<T> call(EngineCall<T> call) {
    return on(null, call);
  }

  /**
   * @param threads where it blocks; null for this verticle's
   */
  private <T> Future<T> on(@Nullable WorkerExecutor threads, EngineCall<T> call) {
    // The caller's promise, and completed by the thread that made the call: a future of this
    // verticle's context would run what the caller does next on a worker, once one is free.
    calls.incrementAndGet();
    Promise<T> answer = ((VertxInternal) vertx).getOrCreateContext().promise();
    Callable<Boolean> work =
        () -> {
          answer.tryComplete(call.on(Objects.requireNonNull(client, "not started")));
          return true;
        };
    Future<Boolean> done =
        threads == null
            ? context.executeBlocking(work, false)
            : threads.executeBlocking(work, false);
    done.onFailure(answer::tryFail);
    return answer.future().timeout(2L * limits.startTimeoutMillis(), TimeUnit.MILLISECONDS);
  }

  /** For deployment: a worker with threads of its own. */
  static DeploymentOptions deployment() {
    return new DeploymentOptions()
        .setThreadingModel(ThreadingModel.WORKER)
        .setWorkerPoolName("gatehouse-docker")
        .setWorkerPoolSize(THREADS);
  }
}
