package dev.gatehouse.sandbox;

import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
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
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw refused(text);
    }
    // unix://var/run has a host, "var", and would look elsewhere.
    String path = uri.getAuthority() == null ? uri.getPath() : null;
    if ("unix".equals(uri.getScheme()) && path != null && path.startsWith("/")) {
      return new EngineAddress(uri, SocketAddress.domainSocketAddress(path));
    }
    if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() > 0) {
      return new EngineAddress(uri, SocketAddress.inetSocketAddress(uri.getPort(), uri.getHost()));
    }
    throw refused(text);
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        "DOCKER_HOST is " + text + ", expected unix:///path or tcp://host:port");
  }
}
