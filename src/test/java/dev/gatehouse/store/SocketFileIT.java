package dev.gatehouse.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the reactive client reaches the embedded PostgreSQL. */
@SuppressWarnings("NullAway.Init")
class SocketFileIT {
  @TempDir Path data;
  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() {
    await(vertx.close());
  }

  @Test
  void connectsByTheSocketFile() throws Exception {
    assertEquals("socket", reached(data));
  }

  @Test
  void connectsByTcpWhereThePathIsTooLongForASocket() throws Exception {
    assertEquals("tcp", reached(data.resolve("x".repeat(100))));
  }

  @Test
  void connectsToADirectoryThatAllowedNoSocketsBefore() throws Exception {
    // Given
    EmbeddedDatabase.start(data).close();
    Files.writeString(data.resolve("postgres/cluster/pg_hba.conf"), "local all all reject\n");

    // Then
    assertEquals("socket", reached(data));
  }

  @Test
  void wantsThePasswordThere() throws Exception {
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(data)) {
      Future<PgConnection> stranger =
          PgConnection.connect(vertx, embedded.socketOptions().setPassword("guessed"));
      PgException refused = assertThrows(PgException.class, () -> await(stranger));
      assertTrue(refused.getMessage().contains("password authentication failed"));
    }
  }

  private String reached(Path directory) throws Exception {
    try (EmbeddedDatabase embedded = EmbeddedDatabase.start(directory)) {
      Database database = await(Database.open(vertx, embedded, 1));
      boolean tcp =
          await(database.pool().query("select inet_client_addr() is not null").execute())
              .iterator()
              .next()
              .getBoolean(0);
      await(database.close());
      return tcp ? "tcp" : "socket";
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
