package dev.gatehouse.sandbox;

import io.vertx.core.net.SocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where the Docker engine listens.
 *
 * @param uri as docker-java takes it
 * @param socket as Vert.x connects to it
 */
public record EngineAddress(URI uri, SocketAddress socket) {
  private static final String DEFAULT = "unix:///var/run/docker.sock";

  /**
   * Reads what {@code DOCKER_HOST} says.
   *
   * @param dockerHost {@code unix://path} or {@code tcp://host:port}; null means the default socket
   * @throws IllegalArgumentException for any other form
   */
  public static EngineAddress of(@Nullable String dockerHost) {
    String text = dockerHost == null || dockerHost.isBlank() ? DEFAULT : dockerHost;
    URI uri = URI.create(text);
    if ("unix".equals(uri.getScheme()) && !uri.getPath().isEmpty()) {
      return new EngineAddress(uri, SocketAddress.domainSocketAddress(uri.getPath()));
    }
    if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() > 0) {
      return new EngineAddress(uri, SocketAddress.inetSocketAddress(uri.getPort(), uri.getHost()));
    }
    throw new IllegalArgumentException(
        "DOCKER_HOST is " + text + ", expected unix:///path or tcp://host:port");
  }
}
