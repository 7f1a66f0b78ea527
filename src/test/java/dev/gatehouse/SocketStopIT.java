package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.config.Configuration;
import dev.gatehouse.sandbox.EngineAddress;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What WebSockets see of a server that stops. */
class SocketStopIT {
  @Test
  void clientsAreToldThatTheServerStops(@TempDir Path data) throws Exception {
    // Given
    Configuration configuration =
        Configuration.load(
            Path.of("conf/gatehouse.yaml"),
            Map.of(
                "GATEHOUSE_DATA", data.toString(),
                "GATEHOUSE_PORT", "0",
                "GATEHOUSE_SANDBOX_WARM", "0"));
    Server server =
        Server.start(configuration, EngineAddress.of(System.getenv("DOCKER_HOST")))
            .await(120, TimeUnit.SECONDS);
    try (SocketClient client = SocketClient.as(new Api(server.port(), data), "agent")) {
      client.ask(200, "decide", new JsonObject().put("tool", "bash"));

      // When
      server.close().await(60, TimeUnit.SECONDS);

      // Then
      assertEquals(1001, client.awaitClose());
    }
  }
}
