package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import dev.gatehouse.config.SecretSettings;
import dev.gatehouse.gate.SecretStore.Given;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretStoreTest {
  private static final Actor AGENT = new Actor("default", "agent", Role.AGENT);
  private static final Map<String, String> NAMED = Map.of("TOKEN", "secret://token");

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void keepsNothingOfASandboxThatEndsWhileItsSecretIsRead(@TempDir Path folder) throws Exception {
    // Given
    Path file = Files.writeString(folder.resolve("token"), "eight-and-more");
    SecretSettings secret =
        new SecretSettings("token", "default", List.of(), file, null, null, "value");
    SecretStore store = new SecretStore(vertx, List.of(secret), name -> null, null);

    // When
    Future<Given> reading = store.give(AGENT, "ends", NAMED);
    store.forget("ends");
    Given late = reading.await(30, TimeUnit.SECONDS);
    Given kept = store.give(AGENT, "lives", NAMED).await(30, TimeUnit.SECONDS);

    // Then
    assertEquals("eight-and-more", late.env().get("TOKEN"));
    assertNotNull(late.filter());
    assertNull(store.give(AGENT, "ends", Map.of()).await(30, TimeUnit.SECONDS).filter());
    assertNotNull(kept.filter());
    assertNotNull(store.give(AGENT, "lives", Map.of()).await(30, TimeUnit.SECONDS).filter());
  }
}
