package dev.gatehouse.store;

import io.vertx.pgclient.PgConnectOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL below the data directory, durable, reachable from this machine with a password
 * only this directory's owner can read.
 *
 * <p>A server left over by a killed Gatehouse is stopped before a new one starts; a server that
 * dies is started again on the same port. All methods block: call them off the event loops.
 */
public final class EmbeddedDatabase implements Closeable {
  private static final Logger LOGGER = LoggerFactory.getLogger(EmbeddedDatabase.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final String USER = "postgres";

  private final Path directory;
  private final String password;
  private EmbeddedPostgres server;
  private boolean closed;

  private EmbeddedDatabase(Path directory, String password, EmbeddedPostgres server) {
    this.directory = directory;
    this.password = password;
    this.server = server;
  }

  /**
   * Starts the server, making its files first where there are none.
   *
   * @param data Gatehouse's data directory
   * @throws IOException if another Gatehouse holds the directory, or PostgreSQL does not start
   */
  public static EmbeddedDatabase start(Path data) throws IOException {
    Path directory = data.resolve("postgres");
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path passwordFile = directory.resolve("password");
    if (Files.notExists(directory.resolve("cluster/postgresql.conf"))) {
      Files.deleteIfExists(passwordFile);
      Files.createFile(
          passwordFile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(passwordFile, newPassword(), StandardOpenOption.WRITE);
    }
    String password = Files.readString(passwordFile, StandardCharsets.US_ASCII);
    stopLeftOver(directory);
    EmbeddedDatabase database =
        new EmbeddedDatabase(directory, password, launch(directory, password, 0));
    database.watch();
    return database;
  }

  /** How to connect to the server that another process runs in this data directory, if one does. */
  public static Optional<PgConnectOptions> running(Path data) throws IOException {
    Path directory = data.resolve("postgres");
    if (postmaster(directory).isEmpty()) {
      return Optional.empty();
    }
    int port =
        Integer.parseInt(
            Files.readAllLines(directory.resolve("cluster/postmaster.pid")).get(3).strip());
    return Optional.of(options(port, Files.readString(directory.resolve("password"))));
  }

  /** How to connect. */
  public PgConnectOptions connectOptions() {
    return options(server.getPort(), password);
  }

  private static PgConnectOptions options(int port, String password) {
    return new PgConnectOptions()
        .setHost("127.0.0.1")
        .setPort(port)
        .setDatabase("postgres")
        .setUser(USER)
        .setPassword(password);
  }

  /** The postmaster's process id. */
  public long pid() {
    return postmaster(directory).map(ProcessHandle::pid).orElse(-1L);
  }

  /** Stops the server; what is committed is safe either way. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    server.close();
  }

  private static EmbeddedPostgres launch(Path directory, String password, int port)
      throws IOException {
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
        .setDataDirectory(directory.resolve("cluster"))
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPort(port)
        .setPGStartupWait(START_LIMIT)
        // Passed to initdb: no one logs in without the password.
        .setLocaleConfig("auth-host", "scram-sha-256")
        .setLocaleConfig("auth-local", "reject")
        .setLocaleConfig("pwfile", directory.resolve("password").toString())
        .setLocaleConfig("locale", "C")
        .setConnectConfig("password", password)
        // The library starts test servers: it switches durability off unless told otherwise.
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "")
        .setServerConfig("max_connections", "300")
        .start();
  }

  /** Starts the server again when it dies; whoever awaits the end of a process has time to. */
  @SuppressWarnings("FutureReturnValueIgnored")
  private void watch() {
    postmaster(directory).ifPresent(handle -> handle.onExit().thenAccept(this::restart));
  }

  private synchronized void restart(ProcessHandle dead) {
    if (closed) {
      return;
    }
    LOGGER.error("embedded PostgreSQL died, starting it again pid={}", dead.pid());
    int port = server.getPort();
    try {
      server.close();
      stopLeftOver(directory);
      server = launch(directory, password, port);
      LOGGER.info("embedded PostgreSQL is back port={}", port);
    } catch (IOException | IllegalStateException e) {
      LOGGER.error("embedded PostgreSQL does not come back: restart Gatehouse", e);
      return;
    }
    watch();
  }

  private static void stopLeftOver(Path directory) throws IOException {
    Path pidFile = directory.resolve("cluster/postmaster.pid");
    var leftOver = postmaster(directory);
    if (leftOver.isEmpty()) {
      Files.deleteIfExists(pidFile);
      return;
    }
    ProcessHandle handle = leftOver.get();
    LOGGER.warn("stopping the embedded PostgreSQL of an earlier run pid={}", handle.pid());
    handle.destroy();
    try {
      handle.onExit().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      handle.destroyForcibly();
      handle.onExit().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while stopping PostgreSQL", e);
    } catch (ExecutionException e) {
      throw new IOException("cannot await PostgreSQL's end pid=" + handle.pid(), e);
    }
    Files.deleteIfExists(pidFile);
  }

  /** The running postmaster of this cluster, as its pid file and the process table agree. */
  private static Optional<ProcessHandle> postmaster(Path directory) {
    try {
      List<String> lines = Files.readAllLines(directory.resolve("cluster/postmaster.pid"));
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .filter(ProcessHandle::isAlive)
          .filter(handle -> handle.info().command().orElse("").endsWith("postgres"));
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static String newPassword() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
