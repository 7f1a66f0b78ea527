package dev.gatehouse;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.gatehouse.sandbox.EngineAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the real engine knows of one server's sandboxes. */
final class Containers {
  private Containers() {}

  /** The containers of the server with that data directory, running or not. */
  static List<String> of(Path data) throws IOException {
    String node = Files.readString(data.resolve("node")).strip();
    String host = EngineAddress.of(System.getenv("DOCKER_HOST")).uri().toString();
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder().withDockerHost(host).build();
    try (DockerClient docker =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build())) {
      return docker
          .listContainersCmd()
          .withShowAll(true)
          .withLabelFilter(Map.of("dev.gatehouse.node", node))
          .exec()
          .stream()
          .map(Container::getId)
          .toList();
    }
  }
}
