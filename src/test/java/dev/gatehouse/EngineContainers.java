package dev.gatehouse;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.gatehouse.sandbox.EngineAddress;
import java.util.List;
import java.util.Map;

/** What the engine itself says of a server's containers. */
final class EngineContainers {
  static final DockerClient SHARED = client(EngineAddress.of(System.getenv("DOCKER_HOST")));

  private EngineContainers() {}

  static DockerClient client(EngineAddress engine) {
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(engine.uri().toString())
            .withDockerTlsVerify(false)
            .build();
    return DockerClientImpl.getInstance(
        config, new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  /** All of a node, in whatever state. */
  static List<Container> ofNode(String node) {
    return ofNode(SHARED, node);
  }

  /** The names of a node's networks. */
  static List<String> networksOfNode(String node) {
    return SHARED
        .listNetworksCmd()
        .withFilter("label", List.of("dev.gatehouse.node=" + node))
        .exec()
        .stream()
        .map(Network::getName)
        .toList();
  }

  static List<Container> ofNode(DockerClient docker, String node) {
    return docker
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of("dev.gatehouse.node", node))
        .exec();
  }
}
