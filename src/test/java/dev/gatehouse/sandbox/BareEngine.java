package dev.gatehouse.sandbox;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * The engine's own API, nothing of ours in between: what {@code docker run} and {@code docker exec}
 * do, without the start of their program. Times in nanoseconds. May be used by many threads.
 */
final class BareEngine implements AutoCloseable {
  private static final int CONNECTIONS = 128;

  /** By this a killed bench's containers are found. */
  private static final Map<String, String> LABEL = Map.of("dev.gatehouse", "bench");

  private final EngineAddress address = EngineAddress.of(System.getenv("DOCKER_HOST"));
  private final DockerClient docker;
  private final String image;
  private final String runtime;

  BareEngine(String image, String runtime) {
    this.image = image;
    this.runtime = runtime;
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(address.uri().toString())
            .build();
    this.docker =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .maxConnections(CONNECTIONS)
                .build());
  }

  /** A container that answers each word, and its stream. */
  HeldStream heldStream() throws IOException {
    return new HeldStream(docker, address, image, runtime);
  }

  /** {@code docker exec CONTAINER true}. */
  long execNanos(String running) throws InterruptedException {
    long began = System.nanoTime();
    String command =
        docker.execCreateCmd(running).withCmd("true").withAttachStdout(true).exec().getId();
    docker.execStartCmd(command).exec(new ResultCallback.Adapter<>()).awaitCompletion();
    return System.nanoTime() - began;
  }

  /** Create and start; the removal is not counted. */
  long createNanos() {
    long began = System.nanoTime();
    String container = container("sleep", "100");
    docker.startContainerCmd(container).exec();
    long took = System.nanoTime() - began;
    docker.removeContainerCmd(container).withForce(true).exec();
    return took;
  }

  /** {@code docker run --rm IMAGE true}. */
  long runNanos() {
    long began = System.nanoTime();
    String container = container("true");
    docker.startContainerCmd(container).exec();
    docker.waitContainerCmd(container).start().awaitStatusCode();
    docker.removeContainerCmd(container).withForce(true).exec();
    return System.nanoTime() - began;
  }

  /** So many of {@link #runNanos} at once, until the last is done. */
  double runsMillis(ExecutorService threads, int size) throws InterruptedException {
    long began = System.nanoTime();
    Callable<Long> run = this::runNanos;
    for (Future<Long> done : threads.invokeAll(Collections.nCopies(size, run))) {
      SandboxBench.value(done);
    }
    return (System.nanoTime() - began) / 1e6;
  }

  private String container(String... command) {
    return docker
        .createContainerCmd(image)
        .withEntrypoint(command)
        .withLabels(LABEL)
        .withHostConfig(
            new HostConfig()
                .withRuntime(runtime)
                .withNetworkMode("none")
                .withReadonlyRootfs(true)
                .withMemory(512L << 20))
        .exec()
        .getId();
  }

  @Override
  public void close() throws IOException {
    docker.close();
  }
}
