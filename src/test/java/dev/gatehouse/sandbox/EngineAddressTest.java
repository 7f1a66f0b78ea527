package dev.gatehouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineAddressTest {
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "  ", "unix:///var/run/docker.sock"})
  void theUsualSocketIsTheDefault(String dockerHost) {
    // When
    EngineAddress address = EngineAddress.of(dockerHost);

    // Then
    assertEquals("unix:///var/run/docker.sock", address.uri().toString());
    assertTrue(address.socket().isDomainSocket());
    assertEquals("/var/run/docker.sock", address.socket().path());
  }

  @Test
  void aTcpAddressHasAHostAndAPort() {
    // When
    EngineAddress address = EngineAddress.of("tcp://engine.example:2375");

    // Then
    assertEquals("engine.example", address.socket().host());
    assertEquals(2375, address.socket().port());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/var/run/docker.sock",
        "unix:",
        "unix://",
        "unix:docker.sock",
        "unix://var/run/docker.sock",
        "tcp://engine",
        "tcp://:2375",
        "tcp:2375",
        "http://engine:2375",
        "ssh://root@engine",
        "not a uri",
        "%"
      })
  void anyOtherFormIsRefusedByName(String dockerHost) {
    // When
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> EngineAddress.of(dockerHost));

    // Then
    assertEquals(
        "DOCKER_HOST is " + dockerHost + ", expected unix:///path or tcp://host:port",
        refusal.getMessage());
  }
}
